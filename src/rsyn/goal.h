/* SPDX-License-Identifier: MIT */
/* What the run is for: which state is wanted of the ports, of all or of any, and how long to wait for it. */
#ifndef RSYN_GOAL_H
#define RSYN_GOAL_H

#include <rprobe/rprobe.h>

#include "base/strbuf.h"
#include "rsyn/opts.h"

struct goal {
	enum rp_state state;
	bool any;     /* one port is enough */
	int64_t wait; /* ns to wait for it; negative: no waiting */
	int64_t began;
	const struct rp_config *config;
	const struct rp_grid *grid; /* of what was asked for */
	uint64_t asked;   /* ports */
	uint8_t *states;  /* by rows: enum rp_state */
	uint8_t *reasons; /* likewise, enum rp_reason */
};

/* From the options; a sentence when they contradict each other, else NULL. */
const char *goal_read(struct goal *goal, const struct rsyn_options *options);

/* What the scan is asked for. */
void goal_fill(const struct goal *goal, struct rp_config *config);

/* Begins to count the states of a config's ports. 0 or -ENOMEM. */
int goal_watch(struct goal *goal, const struct rp_config *config);
void goal_event(void *user, const struct rp_event *event);
bool goal_reached(const struct goal *goal);

/* Why it was waited in vain: one sentence, which names the first of the ports that are not as they should be. */
void goal_explain(const struct goal *goal, struct strbuf *text);
void goal_free(struct goal *goal);

#endif
