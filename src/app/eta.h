/* SPDX-License-Identifier: MIT */
/*
 * When a scan will be over, judged by its events alone. A silent port is done when all its tries are given up, so many
 * tries are parts of a port; ports are done at the rate of the latest half of the time. There is a figure only while
 * the judgements of that half agree: where loss, a limit or another kind of ports changes them, none would be near the
 * truth.
 */
#ifndef APP_ETA_H
#define APP_ETA_H

#include <rprobe/rprobe.h>

#define ETA_SAMPLES 12
#define ETA_TRIES   16

/* What was known at a time. */
struct eta_sample {
	int64_t time;
	double done;  /* ports, with parts */
	double parts; /* of these, parts of silent ones */
	int64_t ends; /* when it was thought to be over; RP_TIME_NONE: nobody knew */
};

struct eta {
	const struct rp_config *config;
	uint64_t ports;  /* of all targets together */
	int64_t started; /* monotonic, as all times here */
	uint64_t tried;  /* ports */
	int64_t last_tried;
	uint64_t answered;            /* ports */
	uint64_t retried;             /* tries of these that were given up */
	uint64_t given_up;            /* tries */
	uint64_t sent[ETA_TRIES + 1]; /* by try, as the next */
	uint64_t lost[ETA_TRIES + 1];
	struct eta_sample samples[ETA_SAMPLES]; /* a ring */
	unsigned count, next;
};

void eta_init(struct eta *eta, const struct rp_config *config, uint64_t ports, int64_t now);
void eta_event(struct eta *eta, const struct rp_event *event);

/* How long it will still take; -1: nobody knows. */
int64_t eta_left(const struct eta *eta, int64_t now);

#endif
