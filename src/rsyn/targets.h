/* SPDX-License-Identifier: MIT */
/* What is to be probed: operands, lists and exclusions, names looked up. */
#ifndef RSYN_TARGETS_H
#define RSYN_TARGETS_H

#include "rsyn/await.h"
#include "rsyn/goal.h"
#include "rsyn/opts.h"
#include "rsyn/named.h"
#include "app/app.h"

struct targets {
	struct app *app; /* borrowed, as the next */
	struct goal *goal;
	struct named_hosts hosts;
	struct rp_targets *excluded; /* NULL: nothing is; owned */
	struct await await;
	uint32_t bad; /* names and lines that cannot be probed */
};

/* Fills the tool's targets; the goal's wait shrinks by the time that names took. Ends the process where
 * nothing is left to be probed, and on what would be probed although it is excluded. */
void targets_read(struct targets *all, struct app *app, struct goal *goal, const struct rsyn_options *options,
		  const char **operands, int count);
/* How many targets are probed, and how many ports of theirs: for the tool. */
void targets_count(const struct targets *all);
void targets_free(struct targets *all);

#endif
