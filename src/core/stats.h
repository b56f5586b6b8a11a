/* SPDX-License-Identifier: MIT */
/* The counts of a target: counters and round trips in fixed memory. The events are the only input. */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include <rprobe/rprobe.h>

#include "core/histogram.h"
#include "core/reorder.h"
#include "core/recent.h"

/* What is only kept where there are few of them: about 21 kB. */
struct stats_detail {
	struct histogram histogram;
	struct reorder reorder;
	struct recent window;
};

struct stats_sum {
	uint64_t count;
	double sum;
	int64_t max;
};

struct stats {
	struct rp_stats counts; /* its means are computed by stats_read() */
	double mean;            /* Welford's running mean and sum of squared deviations, ns */
	double deviations;
	double jitter;
	int64_t last_rtt;
	struct stats_sum tx_queue;
	struct stats_sum rx_wakeup;
	struct stats_sum schedule_lag;
	uint64_t last_sequence;      /* sent */
	struct stats_detail *detail; /* borrowed; NULL: not kept */
};

void stats_init(struct stats *stats, struct stats_detail *detail);
void stats_event(struct stats *stats, const struct rp_event *event);
void stats_read(const struct stats *stats, struct rp_stats *out);

#endif
