/* SPDX-License-Identifier: MIT */
/*
 * Which probes are timed, where not all are: a stamp of the kernel costs as much as half a probe. All are, as
 * long as they are few or slow; beyond, so many a second, drawn by lot, lest a rhythm of the probes decides.
 */
#ifndef CORE_SAMPLE_H
#define CORE_SAMPLE_H

#include "base/rng.h"
#include "core/pacer.h"

struct sample {
	struct pacer budget;
	struct rng lots;
};

/* A rate of 0: every probe is timed. */
void sample_init(struct sample *sample, int64_t now, uint32_t rate);

/* Whether the probe that leaves now is timed. */
bool sample_take(struct sample *sample, int64_t now);

#endif
