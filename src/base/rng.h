/* SPDX-License-Identifier: MIT */
/* A small, fast, seeded generator (xoshiro256**, Blackman and Vigna) for order and jitter, never for secrets. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state[4];
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);

/* Even over 0 to bound - 1; 0 for bound 0. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

#endif
