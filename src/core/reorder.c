/* SPDX-License-Identifier: MIT */
/* Measures reordering (RFC 4737): how far behind a later probe's answer an answer came. */
#include "core/reorder.h"

void reorder_arrival(struct reorder *reorder, uint64_t number)
{
	if (number > reorder->highest) {
		reorder->highest = number;
	} else if (number < reorder->highest) {
		uint64_t reach = reorder->arrivals < REORDER_REACH ? reorder->arrivals : REORDER_REACH;
		uint32_t extent = 0;

		for (uint32_t back = 1; back <= reach; back++) {
			if (reorder->recent[(reorder->arrivals - back) % REORDER_REACH] > number)
				extent = back;
		}
		reorder->count++;
		if (extent > reorder->extent)
			reorder->extent = extent;
	}
	reorder->recent[reorder->arrivals++ % REORDER_REACH] = number;
}
