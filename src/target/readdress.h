/* SPDX-License-Identifier: MIT */
/*
 * Which targets have an address besides the one they were added with: names that lead elsewhere now, with the last
 * addresses from which answers may still come, and further names of one address. Every look-up costs as much as it
 * finds, so that many names at one address slow nothing down.
 */
#ifndef TARGET_READDRESS_H
#define TARGET_READDRESS_H

#include <rprobe/rprobe.h>

/* Addresses remembered of one target. */
#define MOVES_MAX 8

struct move;
struct move_chain;

struct readdress {
	struct move *list;         /* owned */
	struct move_chain *chains; /* owned: by hash of the target, then by hash of the address */
	uint32_t count, capacity;  /* capacity: 0 or a power of 2 */
	uint32_t turns;            /* moves ever made: the latest of a target is its present address */
};

void readdress_fini(struct readdress *moves);

/* 0 or -ENOMEM. */
int readdress_add(struct readdress *moves, uint32_t target, struct rp_addr address);

/* Replaces `address`, the first of the target, by its present one. */
void readdress_apply(const struct readdress *moves, uint32_t target, struct rp_addr *address);

/* The next target that has or had an address, in the order in which they came to it; -ENOENT. `*cursor` is 0 at
 * first. */
int64_t readdress_find(const struct readdress *moves, struct rp_addr address, uint32_t *cursor);

#endif
