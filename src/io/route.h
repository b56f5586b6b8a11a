/* SPDX-License-Identifier: MIT */
/* How packets leave: device, source address, socket options, and what the kernel knows of the path. */
#ifndef IO_ROUTE_H
#define IO_ROUTE_H

#include <rprobe/rprobe.h>

#include "io/rawsock.h"
#include "io/source.h"

/* Prepares the sockets as the config says. A single target without a route is an error; with several, and when a
 * run waits for a host to come up, each probe tells. `notes`: enum rp_session_note, or-ed. */
int route_open(struct source *route, struct rp_sockets *sockets, const struct rp_config *config, unsigned *notes,
	       struct rp_error *error);

/* Looks, ten times a second at most, whether something keeps every packet from leaving, and notes it as route->fault:
 * 0 nothing, -ENODEV the interface is gone, -EADDRNOTAVAIL the source is no address of this host any more. When a new
 * interface has the name of the one that went, the sockets are bound to it. `now` is monotonic. */
void route_watch(struct source *route, struct rp_sockets *sockets, int64_t now);

/* Whether packets of ours to `destination` stand in a queue of this host, and not for want of its neighbour's
 * address. */
bool route_is_queued(struct source *route, const struct rp_sockets *sockets, struct rp_addr destination);

/* Sets what the config leaves to the kernel: by sysctl, and by the metrics of the route. */
void route_metrics(struct source *route, struct rp_addr destination, int64_t now, uint8_t *time_to_live,
		   bool *dont_fragment);

/* The largest packet that the known path to `destination` carries whole, for one of that length; 0 when it is not
 * known. */
size_t route_mtu(struct source *route, struct rp_addr destination, size_t length);

#endif
