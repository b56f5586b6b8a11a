/* SPDX-License-Identifier: MIT */
/*
 * Hides the threads. Only getaddrinfo() knows every source of names, and it blocks until one has answered. The caller's thread
 * takes its share of the names, so it all works where no thread can be started, too: one name after the other.
 */
#include "io/lookup.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "io/resolve.h"

/* The caller's thread among them. More questions at once would overrun a name server. */
#define THREADS_MAX 64

/* A DNS name as text. */
#define NAME_SIZE 256

struct work {
	struct lookup *list;
	size_t count;
	bool all;
	atomic_size_t next; /* the first that nobody has taken yet */
	atomic_bool failed; /* one of those taken */
};

static void look_up(struct lookup *lookup)
{
	char canonical[NAME_SIZE];
	struct rp_error error = {""};

	lookup->result = resolve_name(lookup->name, &lookup->address, canonical, sizeof canonical, &error);
	lookup->text = strdup(lookup->result < 0 ? error.text : canonical);
	if (!lookup->text)
		lookup->result = -ENOMEM;
}

/* One thread's share. The names are taken in their order, so all that stand before one that fails are looked up. */
static void *take_share(void *user)
{
	struct work *work = user;

	for (size_t i; (work->all || !work->failed) && (i = work->next++) < work->count;) {
		if (!work->list[i].name)
			continue;
		look_up(&work->list[i]);
		if (work->list[i].result < 0)
			work->failed = true;
	}
	return NULL;
}

void lookup_run(struct lookup *list, size_t count, bool all)
{
	struct work shared = {.list = list, .count = count, .all = all};
	pthread_t threads[THREADS_MAX - 1];
	size_t names = 0;
	size_t started = 0;

	for (size_t i = 0; i < count; i++)
		names += list[i].name != NULL;
	while (started < THREADS_MAX - 1 && started + 1 < names &&
	       pthread_create(&threads[started], NULL, take_share, &shared) == 0)
		started++;
	take_share(&shared);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

void lookup_fini(struct lookup *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].text);
}
