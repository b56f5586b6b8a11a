/* SPDX-License-Identifier: MIT */
/* The ledger of a target: counters and round trips in fixed memory. The events are the only input. */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include <rprobe/rprobe.h>

struct stats {
	struct rp_stats ledger; /* mean and mdev are computed by stats_read() */
	double mean;            /* Welford's running mean and sum of squared deviations, ns */
	double deviations;
	uint64_t last_sequence; /* sent */
};

void stats_init(struct stats *stats);
void stats_event(struct stats *stats, const struct rp_event *event);
void stats_read(const struct stats *stats, struct rp_stats *out);

#endif
