/* SPDX-License-Identifier: MIT */
/* One alarm for each of a fixed number of ids: a heap that knows where everyone stands. */
#ifndef PLAN_SCAN_TIMERS_H
#define PLAN_SCAN_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

struct timers {
	int64_t *when;  /* by id */
	uint32_t *heap; /* ids */
	uint32_t *at;   /* by id: place in the heap + 1; 0: no alarm */
	uint32_t count;
};

/* For ids 0 to `ids` - 1. 0 or -ENOMEM. */
int timers_init(struct timers *timers, uint32_t ids);
void timers_fini(struct timers *timers);

/* Sets or moves the alarm of an id; clears it. */
void timers_set(struct timers *timers, uint32_t id, int64_t when);
void timers_clear(struct timers *timers, uint32_t id);

/* When the first alarm is due; INT64_MAX when there is none. */
int64_t timers_first(const struct timers *timers);

/* Takes an alarm that is due by `now`; false when there is none. */
bool timers_take(struct timers *timers, int64_t now, uint32_t *id);

#endif
