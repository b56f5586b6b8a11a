/* SPDX-License-Identifier: MIT */
/* The last WINDOW_SIZE probes whose fate is known: their loss and round trips. */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include <rprobe/rprobe.h>

#define WINDOW_SIZE 64
#define WINDOW_LOST INT64_MAX

struct window {
	uint64_t count;
	int64_t rtt[WINDOW_SIZE]; /* WINDOW_LOST; RP_TIME_NONE: answered, and not known */
};

void window_add(struct window *window, int64_t rtt);
void window_read(const struct window *window, struct rp_window *out);

#endif
