/* SPDX-License-Identifier: MIT */
/* What stderr is told of probes that this host could not send: a sentence, then counts, and when it works again. */
#ifndef TOOL_UNSENT_H
#define TOOL_UNSENT_H

#include <rprobe/rprobe.h>

#include "base/strbuf.h"

struct unsent {
	int error;         /* the last one told, positive; 0: none */
	int64_t told;      /* when that was, monotonic */
	int64_t recovered; /* when it was last told that sending works again */
	uint64_t untold;   /* failures since then that were not told one by one */
	uint64_t row;      /* failures in a row */
	bool cut_off;      /* the interface or the source address was gone, so nothing could leave */
	uint32_t target;   /* of the last of them */
};

/* Whether the event (UNSENT or SENT) is worth a sentence, which is added to `text`. */
bool unsent_tell(struct unsent *unsent, const struct rp_event *event, const struct rp_config *config,
		 struct strbuf *text);

#endif
