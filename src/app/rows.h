/* SPDX-License-Identifier: MIT */
/*
 * What was asked for is what has a row in the outputs: each name, also where several have one address, and what cannot be
 * probed. One probe serves all names of its address; here each of them gets the events of it.
 */
#ifndef APP_ROWS_H
#define APP_ROWS_H

#include <rprobe/rprobe.h>

/* What cannot be probed, and why. */
struct bad_row {
	uint32_t row;
	enum rp_reason reason;
};

struct rows {
	/* To be filled in; borrowed. */
	const struct rp_ports *const *asked;  /* by rows; NULL: what is asked for is what is probed */
	const struct rp_ports *const *merged; /* the same, for outputs that tell of an address once */
	const struct bad_row *bad;
	size_t bad_count;

	struct rp_config asked_config, merged_config; /* the run's, with the ports as above */
};

/* Takes over all else of the run's config. */
void rows_prepare(struct rows *rows, const struct rp_config *config);

/* Hands the event to `take` once for each row that it is about. */
void rows_each(const struct rows *rows, const struct rp_event *event,
	       void (*take)(void *user, const struct rp_event *event), void *user);

/* Events of what cannot be probed: each port is unknown, then the host. */
void rows_tell_bad(const struct rows *rows, struct rp_stamp now, void (*take)(void *user, const struct rp_event *event),
		   void *user);

/* The target that is probed for a row. */
uint32_t rows_target(const struct rp_targets *targets, uint32_t row);

#endif
