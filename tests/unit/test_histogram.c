/* SPDX-License-Identifier: MIT */
/* Percentiles against exact arithmetic on the recorded samples, within the stated bound. */
#include "unit.h"

#include "base/rng.h"
#include "core/histogram.h"

#define SAMPLES 20000

static int ascending(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* The exact percentile by nearest rank, of sorted samples. */
static int64_t exact(const int64_t *samples, size_t count, unsigned per_mille)
{
	size_t rank = (count * per_mille + 999) / 1000;

	return samples[rank > 0 ? rank - 1 : 0];
}

static void within_bound(int64_t *samples, size_t count)
{
	static const unsigned per_mille[] = {1, 10, 100, 250, 500, 750, 900, 950, 990, 999, 1000};
	struct histogram histogram = {0};

	for (size_t i = 0; i < count; i++)
		histogram_add(&histogram, samples[i]);
	qsort(samples, count, sizeof *samples, ascending);
	for (size_t i = 0; i < LENGTH_OF(per_mille); i++) {
		int64_t truth = exact(samples, count, per_mille[i]);
		int64_t error = histogram_percentile(&histogram, per_mille[i]) - truth;

		if ((error < 0 ? -error : error) > truth / 128)
			fail_msg("%u per mille of %zu: %lld, off by %lld", per_mille[i], count, (long long)truth,
				 (long long)error);
	}
}

TEST(every_distribution)
{
	int64_t *samples = malloc(SAMPLES * sizeof *samples);
	struct rng rng;

	assert_non_null(samples);
	rng_init(&rng, 4);
	for (unsigned bits = 1; bits <= 42; bits++) {
		for (size_t i = 0; i < SAMPLES; i++) /* even up to 2^bits */
			samples[i] = (int64_t)rng_below(&rng, UINT64_C(1) << bits);
		within_bound(samples, SAMPLES);
	}
	for (size_t i = 0; i < SAMPLES; i++) /* 20 us with a long tail */
		samples[i] = 20000 + (int64_t)(rng_next(&rng) >> 32) % (1 << rng_below(&rng, 31));
	within_bound(samples, SAMPLES);
	for (size_t count = 1; count <= 50; count++) { /* few samples */
		for (size_t i = 0; i < count; i++)
			samples[i] = (int64_t)rng_below(&rng, 1000000000);
		within_bound(samples, count);
	}
	free(samples);
}

TEST(exact_below_128_ns)
{
	for (int64_t value = 0; value < 128; value++) {
		struct histogram histogram = {0};

		histogram_add(&histogram, value);
		assert_int_equal(histogram_percentile(&histogram, 500), value);
	}
}

TEST(edges)
{
	struct histogram histogram = {0};

	assert_int_equal(histogram_percentile(&histogram, 500), -1);
	histogram_add(&histogram, INT64_MAX);
	histogram_add(&histogram, -1);
	assert_int_equal(histogram_percentile(&histogram, 1), 0);
	assert_true(histogram_percentile(&histogram, 1000) > INT64_C(1) << 42);
}

/* They lie side by side, each sample in its own, none wider than a 64th of its beginning. */
TEST(buckets)
{
	static const int64_t samples[] = {0, 1, 1, 127, 128, 129, 130, 1000, 999999, 1000000, 123456789012};
	struct rp_bucket buckets[LENGTH_OF(samples)];
	struct histogram histogram = {0};
	uint64_t total = 0;

	assert_int_equal(histogram_buckets(&histogram, buckets, LENGTH_OF(buckets)), 0);
	for (size_t i = 0; i < LENGTH_OF(samples); i++)
		histogram_add(&histogram, samples[i]);
	size_t count = histogram_buckets(&histogram, buckets, LENGTH_OF(buckets));
	assert_in_range(count, 7, LENGTH_OF(samples));
	assert_int_equal(histogram_buckets(&histogram, NULL, 0), count);
	for (size_t i = 0; i < count; i++) {
		uint64_t inside = 0;

		for (size_t k = 0; k < LENGTH_OF(samples); k++)
			inside += samples[k] >= buckets[i].from && samples[k] < buckets[i].to;
		assert_int_equal(inside, buckets[i].count);
		assert_true(buckets[i].to - buckets[i].from <= buckets[i].from / 64 + 1);
		assert_true(i == 0 || buckets[i].from >= buckets[i - 1].to);
		total += inside;
	}
	assert_int_equal(total, LENGTH_OF(samples));
}
