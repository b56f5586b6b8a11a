/* SPDX-License-Identifier: MIT */
/* Which hosts are alive and which ports open: a function of seed, address and port, so it needs no memory. */
#ifndef PEER_TRUTH_H
#define PEER_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

/* A probability in parts of 2^32; ALWAYS is certainty. */
typedef uint64_t chance;
#define ALWAYS (UINT64_C(1) << 32)

struct population {
	bool given;
	chance alive;    /* of the addresses */
	chance ping;     /* of the living */
	chance open;     /* of the ports of the living */
	chance filtered; /* likewise; the rest is closed */
};

enum port_truth {
	PORT_DEAD,
	PORT_OPEN,
	PORT_CLOSED,
	PORT_FILTERED,
};

/* A generator (splitmix64): the same seed, the same numbers. */
uint64_t rng_next(uint64_t *state);
bool rng_chance(uint64_t *state, chance probability);
uint64_t mix(uint64_t a, uint64_t b);

bool truth_alive(const struct population *population, uint64_t seed, uint32_t address);
bool truth_ping(const struct population *population, uint64_t seed, uint32_t address);
enum port_truth truth_port(const struct population *population, uint64_t seed, uint32_t address, uint16_t port);
const char *truth_port_name(enum port_truth truth);

#endif
