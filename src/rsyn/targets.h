/* SPDX-License-Identifier: MIT */
/* What is to be probed: operands, lists and exclusions, names looked up. */
#ifndef RSYN_TARGETS_H
#define RSYN_TARGETS_H

#include "rsyn/await.h"
#include "rsyn/goal.h"
#include "rsyn/opts.h"
#include "rsyn/pairs.h"
#include "app/app.h"

struct targets {
	struct app *app; /* borrowed, as the next */
	struct goal *goal;
	struct pairs pairs;
	struct await await;
	struct pairs_teller teller;
	uint32_t bad;             /* names and lines that cannot be probed ... */
	struct bad_row *bad_rows; /* ... and their rows; owned */
};

/* Fills the tool's targets and its config's ports; the goal's wait shrinks by the time that names took. Ends the process where
 * nothing is left to be probed, and on what would be probed although it is excluded. */
void targets_read(struct targets *all, struct app *app, struct goal *goal, const struct rsyn_options *options,
		  const char **operands, int count);
/* How many targets are probed, and how many ports of theirs: for the tool. */
void targets_count(const struct targets *all);
void targets_free(struct targets *all);

#endif
