/* SPDX-License-Identifier: MIT */
/*
 * Bounds what others can make an output print. An answer that is not believed costs its sender one packet and us a line
 * of 200 bytes, and so does a duplicate or an ICMP error: somebody who answers as fast as he can would fill the disk.
 * So of each of these, EXCESS_LINES a second are reported in full and as many more as probes were sent in this second
 * and the one before; the rest is counted, in one line a second. Statistics count all.
 */
#ifndef APP_EXCESS_H
#define APP_EXCESS_H

#include "out/out.h"

/* A probe to the broadcast address of a network of 256 hosts has so many answers. */
#define EXCESS_LINES 256

struct excess {
	int64_t since;         /* when this second began, monotonic */
	uint64_t sent, before; /* probes, in this second and in the one before */
	uint64_t shown[OUT_OMITTED_KINDS];
	struct out_omitted omitted;
};

/* Whether the event may have a line of its own. All other events may. */
bool excess_allows(struct excess *excess, const struct rp_event *event);

/* Whether a second is over, or the run. */
bool excess_due(const struct excess *excess, const struct rp_event *event);

/* Then, before the event's own line: true where something was left out in it, and *omitted is what. The next second
 * begins. */
bool excess_take(struct excess *excess, const struct rp_event *event, struct out_omitted *omitted);

#endif
