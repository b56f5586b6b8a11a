/* SPDX-License-Identifier: MIT */
/*
 * xoshiro256** 1.0 by D. Blackman and S. Vigna, its state filled from the seed by splitmix64 as they advise
 * (https://prng.di.unimi.it): no seed, not even 0, gives the all-zero state that it cannot leave.
 */
#include "base/rng.h"

static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void rng_init(struct rng *rng, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		rng->state[i] = splitmix64(&seed);
}

static uint64_t rotate_left(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

uint64_t rng_next(struct rng *rng)
{
	uint64_t *s = rng->state;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint64_t rng_below(struct rng *rng, uint64_t bound)
{
	uint64_t excess, value;

	if (bound == 0)
		return 0;
	/* The lowest 2^64 mod bound values are one too many for some remainders: draw again. */
	excess = (0 - bound) % bound;
	do
		value = rng_next(rng);
	while (value < excess);
	return value % bound;
}
