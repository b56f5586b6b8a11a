/* SPDX-License-Identifier: MIT */
/* Who allocates: calls of malloc, calloc and realloc, counted where it is switched on. */
#ifndef TESTS_SIM_ALLOC_H
#define TESTS_SIM_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alloc {
	uint64_t calls;
	uint64_t bytes;
};

/* Switches counting on or off; what it was. */
bool alloc_count(bool on);

/* What was counted since the last time. */
struct alloc alloc_take(void);

#endif
