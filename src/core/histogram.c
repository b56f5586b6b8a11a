/* SPDX-License-Identifier: MIT */
/* A histogram of round trips: a bucket for each value below 2 x HISTOGRAM_SUB, then HISTOGRAM_SUB buckets for each
 * power of two. */
#include "core/histogram.h"

#define SUB_BITS 6

_Static_assert(HISTOGRAM_SUB == 1 << SUB_BITS, "the buckets of a power of two");

static unsigned bucket_of(int64_t value)
{
	if (value < HISTOGRAM_SUB)
		return value > 0 ? (unsigned)value : 0;

	unsigned power = 63 - (unsigned)__builtin_clzll((unsigned long long)value); /* at least SUB_BITS */
	unsigned bucket = (power - SUB_BITS) * HISTOGRAM_SUB + (unsigned)(value >> (power - SUB_BITS));
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static unsigned bucket_shift(unsigned bucket)
{
	return bucket < 2 * HISTOGRAM_SUB ? 0 : bucket / HISTOGRAM_SUB - 1;
}

/* The lowest value. */
static int64_t bucket_from(unsigned bucket)
{
	unsigned shift = bucket_shift(bucket);

	return (int64_t)(bucket - shift * HISTOGRAM_SUB) << shift;
}

static int64_t bucket_middle(unsigned bucket)
{
	return bucket_from(bucket) + (INT64_C(1) << bucket_shift(bucket)) / 2;
}

size_t histogram_buckets(const struct histogram *histogram, struct rp_bucket *buckets, size_t room)
{
	size_t count = 0;

	for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
		if (histogram->counts[bucket] == 0)
			continue;
		if (count < room)
			buckets[count] =
				(struct rp_bucket){.from = bucket_from(bucket),
						   .to = bucket_from(bucket) + (INT64_C(1) << bucket_shift(bucket)),
						   .count = histogram->counts[bucket]};
		count++;
	}
	return count;
}

void histogram_add(struct histogram *histogram, int64_t value)
{
	unsigned bucket = bucket_of(value);

	if (histogram->total++ == 0 || bucket < histogram->lowest)
		histogram->lowest = bucket;
	histogram->counts[bucket]++;
}

int64_t histogram_percentile(const struct histogram *histogram, unsigned per_mille)
{
	/* The smallest rank that is at least that share, in whole numbers. */
	uint64_t rank = histogram->total / 1000 * per_mille + (histogram->total % 1000 * per_mille + 999) / 1000;
	uint64_t seen = 0;

	if (histogram->total == 0)
		return -1;
	if (rank == 0)
		rank = 1;
	for (unsigned bucket = histogram->lowest;; bucket++) {
		seen += histogram->counts[bucket];
		if (seen >= rank)
			return bucket_middle(bucket);
	}
}
