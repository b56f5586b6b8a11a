/* SPDX-License-Identifier: MIT */
/* How many probes a session remembers: enough for those that wait at once and, as long as memory allows, for what comes late. */
#include "core/state.h"

/* Slots: enough for what can wait at once, and as many finished probes for duplicates and late answers. */
#define SERIES_SLOTS_LEAST 1024
#define SERIES_SLOTS_MOST  (1 << 20)
#define SCAN_SLOTS         (1 << 16)

/* Where a probe may wait for ever, at least so many do before the oldest is given up: 13 MB. */
#define SERIES_SLOTS_FOREVER (1 << 16)

/* A series without an interval follows the answers: this is so many round trips, and few enough for the cache. */
#define FLOOD_ROUNDS 4096

/* How long a series remembers probes, or as long as its timeout: beyond the longest default one. */
#define SERIES_MEMORY_NS INT64_C(20000000000)

int64_t session_round(const struct rp_config *config)
{
	return config->adaptive ? config->floor : config->interval;
}

/* UINT64_MAX: nobody knows. */
static uint64_t probes_in_all(const struct rp_config *config, uint64_t a_round)
{
	uint64_t probes;

	if (config->count == 0 || config->count_replies || __builtin_mul_overflow(config->count, a_round, &probes))
		return UINT64_MAX;
	return probes > 0 ? probes : 1;
}

uint32_t session_slots(const struct rp_config *config, uint64_t a_round)
{
	if (config->plan == RP_PLAN_SCAN)
		return SCAN_SLOTS;

	uint64_t all = probes_in_all(config, a_round);
	bool forever = config->timeout == INT64_MAX;
	int64_t memory = config->timeout > SERIES_MEMORY_NS && !forever ? config->timeout : SERIES_MEMORY_NS;
	uint64_t least = forever ? SERIES_SLOTS_FOREVER : SERIES_SLOTS_LEAST;
	int64_t period = session_round(config);
	uint64_t rounds = period > 0 ? (uint64_t)(memory / period) + 2 : FLOOD_ROUNDS;
	if (rounds > SERIES_SLOTS_MOST)
		rounds = SERIES_SLOTS_MOST;
	uint64_t slots = a_round * rounds + config->preload;
	if (slots < least)
		slots = least;
	if (slots > all)
		slots = all;
	return slots < SERIES_SLOTS_MOST ? (uint32_t)slots : SERIES_SLOTS_MOST;
}
