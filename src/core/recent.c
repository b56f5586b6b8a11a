/* SPDX-License-Identifier: MIT */
/* Hides the ring. */
#include "core/recent.h"

void recent_add(struct recent *window, int64_t rtt)
{
	window->rtt[window->count++ % WINDOW_SIZE] = rtt;
}

void recent_read(const struct recent *window, struct rp_recent *out)
{
	int64_t sum = 0, known = 0;

	*out = (struct rp_recent){
		.probes = window->count < WINDOW_SIZE ? (uint32_t)window->count : WINDOW_SIZE,
		.rtt_min = RP_TIME_NONE,
		.rtt_mean = RP_TIME_NONE,
		.rtt_max = RP_TIME_NONE,
	};
	for (uint32_t i = 0; i < out->probes; i++) {
		int64_t rtt = window->rtt[i];

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
