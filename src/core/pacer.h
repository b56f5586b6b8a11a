/* SPDX-License-Identifier: MIT */
/*
 * When the next probe may leave: an absolute schedule in nanoseconds, so that lateness of one probe never
 * moves the others. What was missed is made up for within a tenth of a second (or a burst); a longer stall is not.
 */
#ifndef CORE_PACER_H
#define CORE_PACER_H

#include <stdbool.h>
#include <stdint.h>

struct pacer {
	int64_t gap;    /* whole ns between two probes; 0: no limit */
	uint32_t rest;  /* and so many parts of a ns, of `count` */
	uint32_t count; /* probes in a period */
	uint32_t owed;  /* parts of a ns that `next` is behind by */
	int64_t next;   /* when the next may leave */
	int64_t taken;  /* when the last one did */
	unsigned burst; /* how many may leave at once, at the start and after a stall */
	int64_t slack; /* how late a probe may be, so that one wake serves several; pacer_init() leaves 0 */
};

/* `count` probes, at least 1, in every period of ns, evenly; a period of 0, or of less than a ns for each: no limit. */
void pacer_init(struct pacer *pacer, int64_t now, int64_t period, uint32_t count, unsigned burst);

/* Another number of probes in every period from the next one on. */
void pacer_change(struct pacer *pacer, int64_t period, uint32_t count);
bool pacer_ready(const struct pacer *pacer, int64_t now);

/* The instant at which the next probe may leave; INT64_MIN when there is no limit. */
int64_t pacer_due(const struct pacer *pacer);

/* When to wake for it: likewise, or up to the slack later, unless it was due when the last one left. */
int64_t pacer_wake(const struct pacer *pacer);

/* One probe left. */
void pacer_take(struct pacer *pacer, int64_t now);

#endif
