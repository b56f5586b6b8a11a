/* SPDX-License-Identifier: MIT */
/* The last RECENT_SIZE probes whose fate is known: their loss and round trips. */
#ifndef CORE_RECENT_H
#define CORE_RECENT_H

#include <rprobe/rprobe.h>

#define RECENT_SIZE 64
#define WINDOW_LOST INT64_MAX

struct recent {
	uint64_t count;
	int64_t rtt[RECENT_SIZE]; /* WINDOW_LOST; RP_TIME_NONE: answered, and not known */
};

void recent_add(struct recent *recent, int64_t rtt);
void recent_read(const struct recent *recent, struct rp_recent *out);

#endif
