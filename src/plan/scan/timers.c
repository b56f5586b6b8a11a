/* SPDX-License-Identifier: MIT */
/* Hides the heap's order. */
#include "plan/scan/timers.h"

#include <errno.h>
#include <stdlib.h>

int timers_init(struct timers *timers, uint32_t ids)
{
	size_t room = ids > 0 ? ids : 1;

	*timers = (struct timers){
		.when = calloc(room, sizeof *timers->when),
		.heap = calloc(room, sizeof *timers->heap),
		.at = calloc(room, sizeof *timers->at),
	};
	return timers->when != NULL && timers->heap != NULL && timers->at != NULL ? 0 : -ENOMEM;
}

void timers_fini(struct timers *timers)
{
	free(timers->when);
	free(timers->heap);
	free(timers->at);
}

static void place(struct timers *timers, uint32_t at, uint32_t id)
{
	timers->heap[at] = id;
	timers->at[id] = at + 1;
}

static int64_t when_at(const struct timers *timers, uint32_t at)
{
	return timers->when[timers->heap[at]];
}

/* The id's place is free at `at`: it goes up or down from there. */
static void settle(struct timers *timers, uint32_t at, uint32_t id)
{
	int64_t when = timers->when[id];

	for (; at > 0 && when_at(timers, (at - 1) / 2) > when; at = (at - 1) / 2)
		place(timers, at, timers->heap[(at - 1) / 2]);
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child < timers->count && child + 1 < timers->count &&
		    when_at(timers, child + 1) < when_at(timers, child))
			child++;
		if (child >= timers->count || when_at(timers, child) >= when)
			break;
		place(timers, at, timers->heap[child]);
		at = child;
	}
	place(timers, at, id);
}

void timers_set(struct timers *timers, uint32_t id, int64_t when)
{
	uint32_t at = timers->at[id] > 0 ? timers->at[id] - 1 : timers->count++;

	timers->when[id] = when;
	timers->heap[at] = id;
	settle(timers, at, id);
}

void timers_clear(struct timers *timers, uint32_t id)
{
	if (timers->at[id] == 0)
		return;
	uint32_t at = timers->at[id] - 1;
	uint32_t last = timers->heap[--timers->count];

	timers->at[id] = 0;
	if (last != id)
		settle(timers, at, last);
}

int64_t timers_first(const struct timers *timers)
{
	return timers->count > 0 ? when_at(timers, 0) : INT64_MAX;
}

bool timers_take(struct timers *timers, int64_t now, uint32_t *id)
{
	if (timers_first(timers) > now)
		return false;
	*id = timers->heap[0];
	timers_clear(timers, *id);
	return true;
}
