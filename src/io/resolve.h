/* SPDX-License-Identifier: MIT */
/* Names to addresses, and addresses to the source that the kernel would use. */
#ifndef IO_RESOLVE_H
#define IO_RESOLVE_H

#include <rprobe/rprobe.h>

/* Looks a name up (blocking); `canonical` (size octets) gets the canonical name. Errors as rp_targets_add(). */
int resolve_name(const char *name, struct rp_addr *address, char *canonical, size_t size, struct rp_error *error);

/* The source address that the kernel routes to `destination` with; -ENETUNREACH and the like. */
int resolve_source(struct rp_addr destination, const char *interface, struct rp_addr *source);

#endif
