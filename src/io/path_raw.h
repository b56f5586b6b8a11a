/* SPDX-License-Identifier: MIT */
/*
 * The path of raw sockets: packets leave by one socket in batches, answers come in by one socket for each protocol, and the
 * kernel's transmit stamps find back to the probes they are about. The loop tells what is ready.
 */
#ifndef IO_PATH_RAW_H
#define IO_PATH_RAW_H

#include "core/path.h"
#include "io/rawsock.h"
#include "io/route.h"

extern const struct path_type path_raw;

/* Everything is borrowed. `step` is set when there is something to read or room to send. `frame_size`: of the largest packet of
 * the run. */
int path_raw_open(struct path **path, struct rp_loop *loop, struct rp_timer *step, struct rp_sockets *sockets,
		  struct source *route, const struct timestamp_clock *clock, const struct rp_config *config,
		  size_t frame_size);
void path_raw_close(struct path *path);

#endif
