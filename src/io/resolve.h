/* SPDX-License-Identifier: MIT */
/* Names to addresses, and addresses to the source that the kernel would use. */
#ifndef IO_RESOLVE_H
#define IO_RESOLVE_H

#include <rprobe/rprobe.h>

/* Looks a name up, which may block for long; from several threads, too. `canonical` (`size` octets) gets the
 * canonical name, or `name` where there is none. Errors as of rp_targets_add(), with the reason in `error`. */
int resolve_name(const char *name, struct rp_addr *address, char *canonical, size_t size, struct rp_error *error);

/* Asks the kernel how it routes; nothing is ever sent. The latest answer is remembered for a second. */
struct resolve_route {
	int fd;
	const char *interface; /* borrowed; NULL: any */
	struct rp_addr own;    /* the source that it is bound to; family NONE: none */
	int64_t looked;        /* when route_watch() last looked, monotonic */
	int fault;             /* what it found then */
	struct rp_addr destination;
	struct rp_addr source;
	int64_t expires; /* of these two, monotonic; 0: not connected, nothing is remembered */
};

/* Through `interface` when it is not NULL, from `source` when it has a family: -ENODEV no such interface,
 * -EADDRNOTAVAIL the source is no address of this host. */
int resolve_route_init(struct resolve_route *route, const char *interface, struct rp_addr source);
void resolve_route_fini(struct resolve_route *route);

/* Whether the source that it is bound to is an address of this host now. */
bool resolve_is_own(struct resolve_route *route);

/* Forgets the latest answer: the path has changed. */
void resolve_forget(struct resolve_route *route);

/* The source address that the kernel routes to `destination` with; -ENETUNREACH and the like. `now` is monotonic. */
int resolve_source(struct resolve_route *route, struct rp_addr destination, int64_t now, struct rp_addr *source);

#endif
