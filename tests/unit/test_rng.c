/* SPDX-License-Identifier: MIT */
/*
 * The first outputs of xoshiro256** from state {1, 2, 3, 4} and of splitmix64 from seed 1234567, as published
 * with other implementations of them.
 */
#include "unit.h"

#include "base/rng.h"

TEST(reference)
{
	static const uint64_t should[] = {11520,
					  0,
					  1509978240,
					  1215971899390074240,
					  1216172134540287360,
					  607988272756665600,
					  UINT64_C(16172922978634559625),
					  8476171486693032832,
					  UINT64_C(10595114339597558777),
					  2904607092377533576};
	struct rng rng = {{1, 2, 3, 4}};

	for (size_t i = 0; i < LENGTH_OF(should); i++)
		assert_true(rng_next(&rng) == should[i]);
}

TEST(seed)
{
	static const uint64_t should[4] = {6457827717110365317, 3203168211198807973, UINT64_C(9817491932198370423),
					   4593380528125082431};
	struct rng rng;

	rng_init(&rng, 1234567);
	assert_memory_equal(rng.state, should, sizeof(should));
	rng_init(&rng, 0);
	assert_true(rng.state[0] == UINT64_C(0xe220a8397b1dcdaf));
}

TEST(below)
{
	struct rng rng;
	unsigned seen[6] = {0};

	rng_init(&rng, 1);
	assert_true(rng_below(&rng, 0) == 0);
	assert_true(rng_below(&rng, 1) == 0);
	for (int i = 0; i < 60000; i++) {
		uint64_t value = rng_below(&rng, 6);

		assert_true(value < 6);
		seen[value]++;
	}
	/* 10000 each; six standard deviations are 548. */
	for (int i = 0; i < 6; i++)
		assert_in_range(seen[i], 10000 - 548, 10000 + 548);
}

/* Of the bound 3 x 2^62, plain remainders give the lowest third twice as often: 1/2 instead of 1/3. */
TEST(below_is_even)
{
	struct rng rng;
	unsigned low = 0;

	rng_init(&rng, 2);
	for (int i = 0; i < 30000; i++) {
		uint64_t value = rng_below(&rng, UINT64_C(3) << 62);

		assert_true(value < UINT64_C(3) << 62);
		low += value < UINT64_C(1) << 62;
	}
	assert_in_range(low, 10000 - 490, 10000 + 490);
}
