/* SPDX-License-Identifier: MIT */
/* The last WINDOW_SIZE probes whose fate is known: their loss and round trips. */
#ifndef CORE_RECENT_H
#define CORE_RECENT_H

#include <rprobe/rprobe.h>

#define WINDOW_SIZE 64
#define WINDOW_LOST INT64_MAX

struct recent {
	uint64_t count;
	int64_t rtt[WINDOW_SIZE]; /* WINDOW_LOST; RP_TIME_NONE: answered, and not known */
};

void recent_add(struct recent *window, int64_t rtt);
void recent_read(const struct recent *window, struct rp_recent *out);

#endif
