/* SPDX-License-Identifier: MIT */
/* Looks one name up by the system's resolver. */
#ifndef IO_GAI_H
#define IO_GAI_H

#include <rprobe/rprobe.h>
#include <sys/socket.h>

/* A DNS name as text. */
#define GAI_NAME_SIZE 256

/* What cannot be a name is refused before a resolver is asked: -EINVAL, with the reason. */
int gai_check(const char *text, struct rp_error *error);

/* An IPv4 address that a resolver gave. 0.0.0.0, as of a name server that blocks names, means this host, as where it
 * is typed. */
struct rp_addr gai_address(const struct sockaddr *address);

/* Looks a name up, which may block for long; from several threads, too. The number of its IPv4 addresses, each once,
 * in the system's order: `*addresses` is the caller's to free. `canonical` (`size` bytes) gets the canonical name,
 * or `name` where there is none. Errors as of rp_targets_add(), with the reason in `error`, which does not name the
 * name. */
int gai_ask(const char *name, struct rp_addr **addresses, char *canonical, size_t size, struct rp_error *error);

#endif
