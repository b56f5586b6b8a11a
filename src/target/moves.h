/* SPDX-License-Identifier: MIT */
/*
 * Where targets went that have another address now than when they were added: the present address of each, and
 * the last ones before, from which answers may still come.
 */
#ifndef TARGET_MOVES_H
#define TARGET_MOVES_H

#include <rprobe/rprobe.h>

/* Addresses remembered of one target. */
#define MOVES_MAX 8

struct move {
	uint32_t target;
	struct rp_addr address; /* family NONE: not known yet */
};

struct moves {
	struct move *list; /* owned; for each target in the order in which it had them */
	uint32_t count, capacity;
};

void moves_fini(struct moves *moves);

/* 0 or -ENOMEM. */
int moves_add(struct moves *moves, uint32_t target, struct rp_addr address);

/* Replaces `address`, the first of the target, by its present one. */
void moves_apply(const struct moves *moves, uint32_t target, struct rp_addr *address);

/* The nth (from 0) target that has or had an address, or -ENOENT. */
int64_t moves_find(const struct moves *moves, struct rp_addr address, uint32_t nth);

#endif
