/* SPDX-License-Identifier: MIT */
/* The round trips of the last probes, in a ring. */
#include "core/recent.h"

void recent_add(struct recent *recent, int64_t rtt)
{
	recent->rtt[recent->count++ % RECENT_SIZE] = rtt;
}

void recent_read(const struct recent *recent, struct rp_recent *out)
{
	int64_t sum = 0, known = 0;

	*out = (struct rp_recent){
		.probes = recent->count < RECENT_SIZE ? (uint32_t)recent->count : RECENT_SIZE,
		.rtt_min = RP_TIME_NONE,
		.rtt_mean = RP_TIME_NONE,
		.rtt_max = RP_TIME_NONE,
	};
	for (uint32_t i = 0; i < out->probes; i++) {
		int64_t rtt = recent->rtt[i];

		out->lost += rtt == WINDOW_LOST;
		if (rtt == WINDOW_LOST || rtt == RP_TIME_NONE)
			continue;
		if (out->rtt_min == RP_TIME_NONE || rtt < out->rtt_min)
			out->rtt_min = rtt;
		if (rtt > out->rtt_max)
			out->rtt_max = rtt;
		sum += rtt;
		known++;
	}
	if (known > 0)
		out->rtt_mean = sum / known;
}
