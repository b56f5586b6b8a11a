/* SPDX-License-Identifier: MIT */
/* How the kernel routes to a destination, and from which source address. */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include <rprobe/rprobe.h>

#include "io/route_query.h"

/* How the kernel routes to one destination. */
struct source_known {
	uint32_t destination; /* as of rp_addr_ipv4_value() */
	struct route_answer answer;
	int64_t expires; /* monotonic; 0: nothing is known */
};

/* How the kernel routes. Each answer is remembered for a second, unless that of another destination takes its place. */
struct source {
	struct route_query query;
	struct route_flow flow;
	const char *interface; /* borrowed; NULL: any */
	struct rp_addr own;    /* the source that is watched; family NONE: none */
	bool whole;            /* only what the link carries counts, not what is known of the path */
	uint8_t time_to_live;  /* where the route asks for none; 0: the config says it */
	bool lockable;         /* a locked MTU of the route lets routers fragment; else the config says it */
	bool dont_fragment;
	int64_t now;                /* monotonic, as route_watch() was last told */
	int64_t looked;             /* when it last looked */
	int fault;                  /* what it found then */
	struct source_known *known; /* at each place the latest of the destinations that share it */
	uint32_t known_mask;        /* the number of places, less 1 */
};

/* Makes room to remember the routes to so many targets, as far as memory is worth it. 0 or -ENOMEM. */
int source_init(struct source *route, uint32_t targets);
void source_fini(struct source *route);

/* Whether the source that is watched is an address of this host now. */
bool source_is_own(struct source *route);

/* Forgets what is known of the way there, or everywhere: it has changed. */
void source_forget(struct source *route, struct rp_addr destination);
void source_forget_all(struct source *route);

/* How the kernel routes to `destination`: the answer, which lives until the next question, or a negative errno value,
 * -EACCES also for a broadcast address that is not allowed. `now` is monotonic. */
int source_ask(struct source *route, struct rp_addr destination, int64_t now, struct route_answer **answer);

/* The source address alone. */
int source_find(struct source *route, struct rp_addr destination, int64_t now, struct rp_addr *source);

#endif
