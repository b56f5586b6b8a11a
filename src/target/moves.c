/* SPDX-License-Identifier: MIT */
/* Hides a list that is short: few targets ever move, so it is searched from its end. */
#include "target/moves.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void moves_fini(struct moves *moves)
{
	free(moves->list);
	*moves = (struct moves){0};
}

static void forget(struct moves *moves, uint32_t at)
{
	moves->count--;
	memmove(&moves->list[at], &moves->list[at + 1], (moves->count - at) * sizeof(*moves->list));
}

/* One that it had before counts from now on as its last; the oldest goes where there are too many. */
static void make_way(struct moves *moves, uint32_t target, struct rp_addr address)
{
	uint32_t own = 0, oldest = 0;

	for (uint32_t i = moves->count; i-- > 0;) {
		if (moves->list[i].target != target)
			continue;
		if (rp_addr_equal(moves->list[i].address, address)) {
			forget(moves, i);
			return;
		}
		oldest = i;
		own++;
	}
	if (own >= MOVES_MAX)
		forget(moves, oldest);
}

int moves_add(struct moves *moves, uint32_t target, struct rp_addr address)
{
	make_way(moves, target, address);
	if (moves->count == moves->capacity) {
		uint32_t capacity = moves->capacity ? 2 * moves->capacity : 8;
		struct move *list = realloc(moves->list, capacity * sizeof(*list));

		if (!list)
			return -ENOMEM;
		moves->list = list;
		moves->capacity = capacity;
	}
	moves->list[moves->count++] = (struct move){.target = target, .address = address};
	return 0;
}

void moves_apply(const struct moves *moves, uint32_t target, struct rp_addr *address)
{
	for (uint32_t i = moves->count; i-- > 0;) {
		if (moves->list[i].target == target) {
			*address = moves->list[i].address;
			return;
		}
	}
}

int64_t moves_find(const struct moves *moves, struct rp_addr address, uint32_t nth)
{
	for (uint32_t i = moves->count; i-- > 0;)
		if (rp_addr_equal(moves->list[i].address, address) && nth-- == 0)
			return moves->list[i].target;
	return -ENOENT;
}
