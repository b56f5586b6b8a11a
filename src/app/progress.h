/* SPDX-License-Identifier: MIT */
/*
 * How far a scan is, on stderr: a line of its own every so often, and on a terminal one line that is
 * written over and goes away before anything else is printed.
 */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include <rprobe/rprobe.h>

#include "app/eta.h"

struct progress {
	const struct rp_config *config;
	uint64_t ports; /* of all hosts together, as the next two */
	uint64_t decided;
	uint64_t open;
	struct eta eta;
	uint32_t hosts;
	uint32_t hosts_done;
	int64_t started; /* monotonic, as `next` */
	int64_t every;   /* between two lines; 0: none */
	int64_t next;
	bool live;  /* there is a terminal for the line that is written over */
	bool shown; /* that line stands there now */
};

/* How often progress_tick() wants to be called. */
#define PROGRESS_TICK_NS INT64_C(250000000)

/* `ports` are asked for, of `hosts` together. */
void progress_init(struct progress *progress, const struct rp_config *config, uint32_t hosts, uint64_t ports,
		   int64_t every, bool live);

void progress_event(struct progress *progress, const struct rp_event *event);

/* Writes what is due; somebody who pressed Enter sees it at once. */
void progress_tick(struct progress *progress);

/* A whole line, now. */
void progress_report(struct progress *progress);

/* Before other text goes to the terminal. */
void progress_erase(struct progress *progress);

#endif
