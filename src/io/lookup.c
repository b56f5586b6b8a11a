/* SPDX-License-Identifier: MIT */
/*
 * Looks names up in several threads. Only getaddrinfo() knows every source of names, and it blocks until one has answered.
 * The caller's thread takes its share of the names, so it all works where no thread can be started, too: one name after the
 * other.
 */
#include "io/lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/resolve.h"

/* The caller's thread among them. More questions at once would overrun a name server. */
#define THREADS_MAX 64

struct lookup {
	int result;                /* how many addresses, or an error */
	struct rp_addr *addresses; /* owned */
	char *text;                /* owned: the canonical name, or what is wrong; NULL: no memory */
};

struct work {
	const char *const *names;
	struct lookup *list;
	size_t count;
	atomic_size_t next; /* the first that nobody has taken yet */
};

/* The words about IPv6 are the resolver's own. */
int lookup_check(const char *text, struct rp_error *error)
{
	char address[INET6_ADDRSTRLEN] = "";
	size_t length = strcspn(text, "%"); /* an interface may stand behind an IPv6 address */
	struct in6_addr ipv6;

	if (text[0] == '\0')
		return error_set(error, -EINVAL, "the host is an empty string: an address or a name is needed");
	if (strchr(text, ':') == NULL && strpbrk(text, "/ ") == NULL)
		return 0;
	if (length < sizeof address)
		memcpy(address, text, length);
	if (inet_pton(AF_INET6, address, &ipv6) == 1)
		return error_set(error, -EINVAL, "%s: Address family for hostname not supported (give an IPv4 address)",
				 text);
	return error_set(error, -EINVAL, "'%s': neither an address nor a name of a host, which has no '%c' in it", text,
			 text[strcspn(text, ":/ ")]);
}

static void look_up(struct lookup *lookup, const char *name)
{
	char canonical[LOOKUP_NAME_SIZE];
	struct rp_error error = {""};

	lookup->result = lookup_check(name, &error);
	if (lookup->result == 0)
		lookup->result = resolve_name(name, &lookup->addresses, canonical, sizeof canonical, &error);
	lookup->text = strdup(lookup->result < 0 ? error.text : canonical);
	if (!lookup->text)
		lookup->result = -ENOMEM;
}

/* One thread's share. */
static void *take_share(void *user)
{
	struct work *work = user;

	for (size_t i; (i = work->next++) < work->count;)
		look_up(&work->list[i], work->names[i]);
	return NULL;
}

static void run(struct work *work)
{
	pthread_t threads[THREADS_MAX - 1];
	size_t started = 0;

	while (started < THREADS_MAX - 1 && started + 1 < work->count &&
	       pthread_create(&threads[started], NULL, take_share, work) == 0)
		started++;
	take_share(work);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

int rp_names_look_up(const char *const *names, size_t count,
		     void (*found)(void *user, size_t index, const struct rp_found *found), void *user)
{
	struct work work = {.names = names, .list = calloc(count + 1, sizeof(*work.list)), .count = count};

	if (!work.list)
		return -ENOMEM;
	run(&work);
	for (size_t i = 0; i < count; i++) {
		struct lookup *lookup = &work.list[i];

		/* Side by side they may have been too many; one after the other they are not. */
		if (lookup->result == -EMFILE || lookup->result == -ENFILE) {
			free(lookup->text);
			look_up(lookup, names[i]);
		}
		const char *text = lookup->text ? lookup->text : strerror(ENOMEM);
		bool good = lookup->result > 0;

		found(user, i,
		      &(struct rp_found){
			      .name = names[i],
			      .canonical = good ? text : names[i],
			      .addresses = lookup->addresses,
			      .count = good ? (unsigned)lookup->result : 0,
			      .error = good ? 0 : lookup->result,
			      .why = good ? NULL : text,
		      });
		free(lookup->addresses);
		free(lookup->text);
	}
	free(work.list);
	return 0;
}
