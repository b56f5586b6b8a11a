/* SPDX-License-Identifier: MIT */
/*
 * Which clock took a series' round trips, where that is worth a word: once, for where one stamp is missing, all may be.
 * The kernel begins to stamp what arrives in the background; answers that come before it has are no news.
 */
#ifndef APP_CLOCK_NOTICE_H
#define APP_CLOCK_NOTICE_H

#include <rprobe/rprobe.h>

struct clock_notice {
	enum rp_clock promised; /* a time taken by a lesser one is told */
	int64_t asked;          /* when the kernel had been asked for stamps, monotonic */
	bool stamping;          /* it does, or never will */
};

/* Whether the event is a reply whose time is of a lesser clock than promised; who tells promises no more than that. */
bool clock_notice_tell(struct clock_notice *clocks, const struct rp_event *event);

#endif
