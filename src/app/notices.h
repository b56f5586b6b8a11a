/* SPDX-License-Identifier: MIT */
/* When a sentence on stderr is due besides the outputs: about probes that could not be sent, and about a lesser
 * clock. */
#ifndef APP_NOTICES_H
#define APP_NOTICES_H

#include <rprobe/rprobe.h>

#include "base/strbuf.h"

/* More kinds of failure than happen in turns; of a further one the first is forgotten. */
#define UNSENT_KINDS 8

struct unsent_kind {
	int error;       /* positive; 0: none */
	int64_t told;    /* when it was last reported, monotonic */
	uint64_t untold; /* failures since then that were not reported one by one */
};

struct unsent {
	struct unsent_kind kinds[UNSENT_KINDS];
	unsigned kind_count;
	int64_t recovered; /* when it was last reported that sending works again */
	uint64_t row;      /* failures in a row */
	bool cut_off;      /* the interface or the source address was gone, so nothing could leave */
	uint32_t target;   /* of the last of them */
};

/* Whether the event (UNSENT or SENT) is worth a sentence, which is added to `text`. */
bool unsent_report(struct unsent *unsent, const struct rp_event *event, const struct rp_config *config,
		 struct strbuf *text);

/* Once for a series: where one stamp is missing, all may be. The kernel begins to stamp what arrives in the background;
 * answers that come before that are not reported. */
struct clock_notice {
	enum rp_clock promised; /* a time taken by a lesser one is reported */
	int64_t asked;          /* when the kernel had been asked for stamps, monotonic */
	bool stamping;          /* it does, or never will */
};

/* Whether the event is a reply whose time is of a lesser clock than promised. The caller then sets `promised` to
 * that clock. */
bool clock_notice_report(struct clock_notice *clocks, const struct rp_event *event);

#endif
