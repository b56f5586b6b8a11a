/* SPDX-License-Identifier: MIT */
#include "truth.h"

enum salt {
	SALT_ALIVE = 1,
	SALT_PING,
	SALT_PORT,
};

/* The finalizer of splitmix64. */
static uint64_t scramble(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t mix(uint64_t a, uint64_t b)
{
	return scramble(scramble(a + UINT64_C(0x9e3779b97f4a7c15)) ^ b);
}

uint64_t rng_next(uint64_t *state)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return scramble(*state);
}

bool rng_chance(uint64_t *state, chance probability)
{
	/* What cannot or must happen draws nothing, so that rules without chance do not depend on the order. */
	if (probability == 0 || probability >= ALWAYS)
		return probability != 0;
	return rng_next(state) >> 32 < probability;
}

static uint64_t draw(uint64_t seed, uint32_t address, enum salt salt, uint16_t port)
{
	return mix(seed, (uint64_t)address << 32 | (uint64_t)salt << 16 | port) >> 32;
}

bool truth_alive(const struct population *population, uint64_t seed, uint32_t address)
{
	return draw(seed, address, SALT_ALIVE, 0) < population->alive;
}

bool truth_ping(const struct population *population, uint64_t seed, uint32_t address)
{
	return truth_alive(population, seed, address) && draw(seed, address, SALT_PING, 0) < population->ping;
}

enum port_truth truth_port(const struct population *population, uint64_t seed, uint32_t address, uint16_t port)
{
	uint64_t value = draw(seed, address, SALT_PORT, port);

	if (!truth_alive(population, seed, address))
		return PORT_DEAD;
	if (value < population->open)
		return PORT_OPEN;
	return value < population->open + population->filtered ? PORT_FILTERED : PORT_CLOSED;
}

const char *truth_port_name(enum port_truth truth)
{
	static const char *const names[] = {"dead", "open", "closed", "filtered"};

	return names[truth];
}
