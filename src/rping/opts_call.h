/* SPDX-License-Identifier: MIT */
/* Arguments of rping's options that have a form of their own. Each is 0, or -1 with the reason in `why`. */
#ifndef RPING_OPTS_CALL_H
#define RPING_OPTS_CALL_H

#include "rping/opts.h"

int call_pattern(void *options, const char *argument, char *why, size_t size);
int call_via(void *options, const char *argument, char *why, size_t size);

/* One more hop, likewise. */
int opts_add_hop(struct rping_options *options, struct rp_addr hop, char *why, size_t size);

#endif
