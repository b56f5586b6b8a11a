/* SPDX-License-Identifier: MIT */
/*
 * Which probes are timed, where not all are: a stamp of the kernel costs as much as half a probe. All are, as
 * long as they are few or slow; beyond, so many a second, drawn by lot, lest a rhythm of the probes decides.
 */
#ifndef CORE_TX_SAMPLING_H
#define CORE_TX_SAMPLING_H

#include "base/rng.h"
#include "core/pacer.h"

struct tx_sampling {
	struct pacer budget;
	struct rng lots;
};

/* A rate of 0: every probe is timed. */
void tx_sampling_init(struct tx_sampling *sample, int64_t now, uint32_t rate);

/* Whether the probe that leaves now is timed. */
bool tx_sampling_take(struct tx_sampling *sample, int64_t now);

#endif
