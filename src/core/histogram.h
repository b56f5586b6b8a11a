/* SPDX-License-Identifier: MIT */
/*
 * How often each duration occurred, in fixed memory: log-linear buckets, 64 to each power of two, exact
 * below 128 ns. A percentile is the middle of its bucket, so it is off by at most 1/128 (0.79 %) of itself,
 * whatever the distribution. From 2^43 ns (2.4 hours) on everything counts as that.
 */
#ifndef CORE_HISTOGRAM_H
#define CORE_HISTOGRAM_H

#include <rprobe/stats.h>

#define HISTOGRAM_SUB     64 /* buckets in a power of two */
#define HISTOGRAM_BUCKETS (HISTOGRAM_SUB * 38)

struct histogram {
	uint64_t total;
	unsigned lowest; /* the first bucket that holds any; valid when the total is not 0 */
	uint64_t counts[HISTOGRAM_BUCKETS];
};

/* The buckets that hold any, in ascending order: how many, of which the first `room` are written. */
size_t histogram_buckets(const struct histogram *histogram, struct rp_bucket *buckets, size_t room);

void histogram_add(struct histogram *histogram, int64_t value);

/* The value that `per_mille` thousandths of all values do not exceed (nearest rank); -1 when there are none. */
int64_t histogram_percentile(const struct histogram *histogram, unsigned per_mille);

#endif
