/* SPDX-License-Identifier: MIT */
/*
 * What was asked for is what has a row in the outputs: each name, also where several have one address, and what cannot
 * be probed. One probe serves all names of its address; here each of them gets the events of it.
 */
#ifndef APP_ROWS_H
#define APP_ROWS_H

#include <rprobe/rprobe.h>

/* Hands the event to `take` once for each row that it is about. */
void rows_each(const struct rp_targets *targets, const struct rp_event *event,
	       void (*take)(void *user, const struct rp_event *event), void *user);

/* Events of what cannot be probed: each port is unknown, then the host. */
void rows_report_bad(const struct rp_targets *targets, struct rp_stamp now,
		   void (*take)(void *user, const struct rp_event *event), void *user);

/* The target that is probed for a row. */
uint32_t rows_target(const struct rp_targets *targets, uint32_t row);

#endif
