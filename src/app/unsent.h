/* SPDX-License-Identifier: MIT */
/* What stderr is told of probes that this host could not send: a sentence, then counts, and when it works again. */
#ifndef APP_UNSENT_H
#define APP_UNSENT_H

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
	int64_t recovered; /* when it was last told that sending works again */
	uint64_t row;      /* failures in a row */
	bool cut_off;      /* the interface or the source address was gone, so nothing could leave */
	uint32_t target;   /* of the last of them */
};

/* Whether the event (UNSENT or SENT) is worth a sentence, which is added to `text`. */
bool unsent_tell(struct unsent *unsent, const struct rp_event *event, const struct rp_config *config,
		 struct strbuf *text);

#endif
