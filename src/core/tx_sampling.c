/* SPDX-License-Identifier: MIT */
/* Decides which probes get a transmit stamp: a burst at first, then so many a second, chosen at random. */
#include "core/tx_sampling.h"

#include "base/ns.h"

#define AT_ONCE 1024

/* With less than this saved, one probe in SPARING is timed. */
#define SAVED   64
#define SPARING 16

void tx_sampling_init(struct tx_sampling *sample, int64_t now, uint32_t rate)
{
	pacer_init(&sample->budget, now, rate > 0 ? NS_PER_S : 0, rate > 0 ? rate : 1, AT_ONCE);
	rng_init(&sample->lots, (uint64_t)now);
}

bool tx_sampling_take(struct tx_sampling *sample, int64_t now)
{
	struct pacer *budget = &sample->budget;

	if (!pacer_ready(budget, now))
		return false;
	if (!pacer_ready(budget, now - SAVED * budget->gap) && rng_below(&sample->lots, SPARING) != 0)
		return false;
	pacer_take(budget, now);
	return true;
}
