/* SPDX-License-Identifier: MIT */
/* The source ports of TCP probes: how many a run needs, and keeping them from everybody else on this host. */
#ifndef IO_PORTS_H
#define IO_PORTS_H

#include "io/rawsock.h"

/* Reserves source ports in a row at the config's source address (none: at all of them): the one that it names, or as
 * many as the run needs, or fewer where no such row is free. 0, or a negative errno value when there is none at all.
 * A named port that needs privilege to bind is granted without reservation: nobody else has it. */
int ports_reserve(struct rp_sockets *sockets, const struct rp_config *config, uint16_t *base, uint16_t *count);

/* Whether a series comes back to one of so many ports before a target would answer a SYN between the same ports
 * again. */
bool ports_are_few(const struct rp_config *config, uint16_t count);

/* Gives back what is reserved. */
void ports_release(struct rp_sockets *sockets);

#endif
