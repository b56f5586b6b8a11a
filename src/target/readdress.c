/* SPDX-License-Identifier: MIT */
/* Each record is in two chains of a hash table, that of its target and that of its address. A target that has too many
 * gives its oldest record for the new one, so its chain stays short. */
#include "target/readdress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct move {
	struct rp_addr address;
	uint32_t target;
	uint32_t turn;       /* when it came to that address */
	uint32_t by_target;  /* the next in the chain, or NONE */
	uint32_t by_address; /* likewise */
};

struct move_chain {
	uint32_t head, tail;
};

void readdress_fini(struct readdress *moves)
{
	free(moves->list);
	free(moves->chains);
	*moves = (struct readdress){0};
}

/* Knuth's multiplicative hash: its upper bits are those that depend on all of the key. */
static uint32_t bucket(const struct readdress *moves, uint32_t key)
{
	return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (moves->capacity - 1);
}

static struct move_chain *chain_of_target(const struct readdress *moves, uint32_t target)
{
	return &moves->chains[bucket(moves, target)];
}

static struct move_chain *chain_of_address(const struct readdress *moves, struct rp_addr address)
{
	return &moves->chains[moves->capacity + bucket(moves, rp_addr_ipv4_value(address))];
}

static void link_target(struct readdress *moves, uint32_t at)
{
	struct move_chain *chain = chain_of_target(moves, moves->list[at].target);

	moves->list[at].by_target = chain->head;
	chain->head = at;
}

/* At the end: whoever came first is found first. */
static void link_address(struct readdress *moves, uint32_t at)
{
	struct move_chain *chain = chain_of_address(moves, moves->list[at].address);

	moves->list[at].by_address = NONE;
	if (chain->head == NONE)
		chain->head = at;
	else
		moves->list[chain->tail].by_address = at;
	chain->tail = at;
}

static void unlink_address(struct readdress *moves, uint32_t at)
{
	struct move_chain *chain = chain_of_address(moves, moves->list[at].address);
	uint32_t before = NONE;

	for (uint32_t i = chain->head; i != at; i = moves->list[i].by_address)
		before = i;
	if (before == NONE)
		chain->head = moves->list[at].by_address;
	else
		moves->list[before].by_address = moves->list[at].by_address;
	if (chain->tail == at)
		chain->tail = before;
}

static int make_room(struct readdress *moves)
{
	uint32_t capacity = moves->capacity > 0 ? 2 * moves->capacity : 8;
	struct move *list;
	struct move_chain *chains;

	if (moves->count < moves->capacity)
		return 0;
	chains = malloc(2 * (size_t)capacity * sizeof(*chains));
	list = chains != NULL ? realloc(moves->list, capacity * sizeof(*list)) : NULL;
	if (list == NULL) {
		free(chains);
		return -ENOMEM;
	}
	free(moves->chains);
	memset(chains, 0xff, 2 * (size_t)capacity * sizeof(*chains));
	moves->list = list;
	moves->chains = chains;
	moves->capacity = capacity;
	for (uint32_t i = 0; i < moves->count; i++) {
		link_target(moves, i);
		link_address(moves, i);
	}
	return 0;
}

/* The record of a target for an address, else its oldest where there are too many, else NONE. */
static uint32_t reusable(const struct readdress *moves, uint32_t target, struct rp_addr address)
{
	uint32_t own = 0, oldest = NONE;

	for (uint32_t i = chain_of_target(moves, target)->head; i != NONE; i = moves->list[i].by_target) {
		const struct move *move = &moves->list[i];

		if (move->target != target)
			continue;
		if (rp_addr_equal(move->address, address))
			return i;
		if (oldest == NONE || move->turn < moves->list[oldest].turn)
			oldest = i;
		own++;
	}
	return own < MOVES_MAX ? NONE : oldest;
}

int readdress_add(struct readdress *moves, uint32_t target, struct rp_addr address)
{
	uint32_t at = moves->count > 0 ? reusable(moves, target, address) : NONE;

	if (at == NONE) {
		if (make_room(moves) < 0)
			return -ENOMEM;
		at = moves->count++;
		moves->list[at] = (struct move){.address = address, .target = target};
		link_target(moves, at);
		link_address(moves, at);
	} else if (!rp_addr_equal(moves->list[at].address, address)) {
		unlink_address(moves, at);
		moves->list[at].address = address;
		link_address(moves, at);
	}
	moves->list[at].turn = ++moves->turns;
	return 0;
}

void readdress_apply(const struct readdress *moves, uint32_t target, struct rp_addr *address)
{
	uint32_t latest = 0;

	if (moves->count == 0)
		return;
	for (uint32_t i = chain_of_target(moves, target)->head; i != NONE; i = moves->list[i].by_target) {
		if (moves->list[i].target != target || moves->list[i].turn < latest)
			continue;
		latest = moves->list[i].turn;
		*address = moves->list[i].address;
	}
}

int64_t readdress_find(const struct readdress *moves, struct rp_addr address, uint32_t *cursor)
{
	uint32_t at = NONE;

	if (moves->count > 0)
		at = *cursor == 0 ? chain_of_address(moves, address)->head : moves->list[*cursor - 1].by_address;
	while (at != NONE && !rp_addr_equal(moves->list[at].address, address))
		at = moves->list[at].by_address;
	*cursor = at + 1;
	return at != NONE ? (int64_t)moves->list[at].target : -ENOENT;
}
