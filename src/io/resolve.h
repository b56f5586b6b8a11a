/* SPDX-License-Identifier: MIT */
/* Names to addresses, and addresses to how the kernel routes there. */
#ifndef IO_RESOLVE_H
#define IO_RESOLVE_H

#include <rprobe/rprobe.h>

#include "io/route_query.h"

/* Looks a name up, which may block for long; from several threads, too. The number of its IPv4 addresses, each once, in the
 * system's order: `*addresses` is the caller's to free. `canonical` (`size` bytes) gets the canonical name, or `name` where
 * there is none. Errors as of rp_targets_add(), with the reason in `error`. */
int resolve_name(const char *name, struct rp_addr **addresses, char *canonical, size_t size, struct rp_error *error);

/* How the kernel routes to one destination. */
struct resolved {
	uint32_t destination; /* as of rp_addr_ipv4_value() */
	struct route_answer answer;
	int64_t expires; /* monotonic; 0: nothing is known */
};

/* How the kernel routes. Each answer is remembered for a second, unless that of another destination takes its place. */
struct resolve_route {
	struct route_query query;
	struct route_flow flow;
	const char *interface; /* borrowed; NULL: any */
	struct rp_addr own;    /* the source that is watched; family NONE: none */
	bool whole;            /* only what the link carries counts, not what is known of the path */
	uint8_t time_to_live;  /* where the route asks for none; 0: the config says it */
	bool lockable;         /* a locked MTU of the route lets routers fragment; else the config says it */
	bool dont_fragment;
	int64_t now;           /* monotonic, as route_watch() was last told */
	int64_t looked;        /* when it last looked */
	int fault;             /* what it found then */
	struct resolved *known; /* at each place the latest of the destinations that share it */
	uint32_t known_mask;    /* the number of places, less 1 */
};

/* Makes room to remember the routes to so many targets, as far as memory is worth it. 0 or -ENOMEM. */
int resolve_route_init(struct resolve_route *route, uint32_t targets);
void resolve_route_fini(struct resolve_route *route);

/* Whether the source that is watched is an address of this host now. */
bool resolve_is_own(struct resolve_route *route);

/* Forgets what is known of the way there, or everywhere: it has changed. */
void resolve_forget(struct resolve_route *route, struct rp_addr destination);
void resolve_forget_all(struct resolve_route *route);

/* How the kernel routes to `destination`: the answer, which lives until the next question, or a negative errno value,
 * -EACCES also for a broadcast address that is not allowed. `now` is monotonic. */
int resolve_ask(struct resolve_route *route, struct rp_addr destination, int64_t now,
		struct route_answer **answer);

/* The source address alone. */
int resolve_source(struct resolve_route *route, struct rp_addr destination, int64_t now, struct rp_addr *source);

#endif
