/* SPDX-License-Identifier: MIT */
/*
 * Hides the threads: getaddrinfo() alone knows every source of names, and it waits for each. The caller's thread works,
 * too, so that nothing fails where there can be no other.
 */
#include "io/lookup.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "io/resolve.h"

/* More questions at once would overrun a name server. */
#define THREADS_MAX 64

/* A DNS name as text. */
#define NAME_SIZE 256

struct work {
	struct lookup *list;
	size_t count;
	bool all;
	atomic_size_t next;
	atomic_bool failed;
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

/* The list is handed out in its order, so whatever stands before an error is looked up. */
static void *work(void *user)
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
	       pthread_create(&threads[started], NULL, work, &shared) == 0)
		started++;
	work(&shared);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

void lookup_fini(struct lookup *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].text);
}
