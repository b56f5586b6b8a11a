/* SPDX-License-Identifier: MIT */
/*
 * Reordering as RFC 4737 defines it: an answer is reordered when one with a higher number came before it
 * (section 3); its extent is how many answers back the first such one came (section 4.2). Extents are
 * counted up to REORDER_REACH.
 */
#ifndef CORE_REORDER_H
#define CORE_REORDER_H

#include <stdint.h>

#define REORDER_REACH 128

struct reorder {
	uint64_t arrivals;
	uint64_t highest;
	uint64_t recent[REORDER_REACH]; /* numbers in the order they came: arrival i is at i % REORDER_REACH */
	uint64_t count;                 /* reordered answers */
	uint32_t extent;                /* the largest */
};

void reorder_arrival(struct reorder *reorder, uint64_t number);

#endif
