/* SPDX-License-Identifier: MIT */
/*
 * Looks names up in several threads. Only getaddrinfo() knows every source of names, and it blocks until one has answered.
 * The caller's thread takes its share of the names, so it all works where no thread can be started, too: one name after the
 * other.
 */
#include "io/gai.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/* Musl knows no international names. */
#ifndef AI_IDN
#define AI_IDN      0
#define AI_CANONIDN 0
#endif

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
int gai_check(const char *text, struct rp_error *error)
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

static int lookup_error(int code)
{
	switch (code) {
	case EAI_NONAME:
		return -ENOENT;
	case EAI_AGAIN:
	case EAI_FAIL:
		return -EAGAIN;
	case EAI_ADDRFAMILY:
	case EAI_NODATA:
		return -EAFNOSUPPORT;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return errno > 0 ? -errno : -EIO; /* an error in any case */
	default:                                  /* foreign codes: the C library may know more */
		return -EINVAL;
	}
}

struct rp_addr gai_address(const struct sockaddr *address)
{
	struct sockaddr_in found;

	memcpy(&found, address, sizeof found);
	uint32_t value = ntohl(found.sin_addr.s_addr);
	return rp_addr_ipv4(value != INADDR_ANY ? value : INADDR_LOOPBACK);
}

/* Each once; their number, or -ENOMEM. */
static int read_addresses(const struct addrinfo *list, struct rp_addr **addresses)
{
	int count = 0;

	for (const struct addrinfo *one = list; one; one = one->ai_next)
		count++;
	*addresses = calloc((size_t)count, sizeof(**addresses));
	if (!*addresses)
		return -ENOMEM;
	count = 0;
	for (; list; list = list->ai_next) {
		bool again = false;

		(*addresses)[count] = gai_address(list->ai_addr);
		for (int i = 0; i < count; i++)
			again |= rp_addr_equal((*addresses)[i], (*addresses)[count]);
		count += !again;
	}
	return count;
}

/* Where no descriptor is left the resolver says that the name is not known. */
static int no_descriptor_left(void)
{
	int error = errno == EMFILE || errno == ENFILE ? -errno : 0;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		return -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

int gai_ask(const char *name, struct rp_addr **addresses, char *canonical, size_t size, struct rp_error *error)
{
	const struct addrinfo hints = {
		.ai_family = AF_INET, .ai_socktype = SOCK_RAW, .ai_flags = AI_CANONNAME | AI_IDN | AI_CANONIDN};
	struct addrinfo *list;

	errno = 0;
	int code = getaddrinfo(name, NULL, &hints, &list);

	*addresses = NULL;
	if (code != 0) {
		int result = lookup_error(code);
		int exhausted = no_descriptor_left();

		if (exhausted < 0)
			return error_set(error, exhausted, "%s: %s", name, strerror(-exhausted));
		return error_set(error, result, "%s: %s", name,
				 code == EAI_SYSTEM ? strerror(-result) : gai_strerror(code));
	}
	int count = read_addresses(list, addresses);
	snprintf(canonical, size, "%s", list->ai_canonname ? list->ai_canonname : name);
	freeaddrinfo(list);
	return count >= 0 ? count : error_set(error, count, "%s: %s", name, strerror(-count));
}

static void look_up(struct lookup *lookup, const char *name)
{
	char canonical[GAI_NAME_SIZE];
	struct rp_error error = {""};

	lookup->result = gai_check(name, &error);
	if (lookup->result == 0)
		lookup->result = gai_ask(name, &lookup->addresses, canonical, sizeof canonical, &error);
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

int rp_resolver_look_up(const char *const *names, size_t count,
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
