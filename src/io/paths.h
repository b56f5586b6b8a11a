/* SPDX-License-Identifier: MIT */
/*
 * The two paths of a session. Raw sockets: one sends packets in batches, one for each protocol receives. The
 * unprivileged ICMP socket: for users who may not open raw sockets. The loop reports what is ready.
 */
#ifndef IO_PATHS_H
#define IO_PATHS_H

#include "core/path.h"
#include "io/rawsock.h"
#include "io/route.h"

/* What a path is opened with; borrowed for the path's life. */
struct path_setup {
	struct rp_loop *loop;
	struct rp_timer *step; /* set when there is something to read, or room to send */
	struct rp_sockets *sockets;
	struct source *route;
	const struct timestamp_clock *clock;
	const struct rp_config *config;
	size_t frame_size; /* of the largest packet of the run */
};

extern const struct path_type path_raw, path_dgram;

#endif
