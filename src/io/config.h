/* SPDX-License-Identifier: MIT */
/* What a config may say. The public rp_config_init() is implemented here. */
#ifndef IO_CONFIG_H
#define IO_CONFIG_H

#include <rprobe/rprobe.h>

/* Copies what a program asks for, which may know other fields than this library, and checks it: its values only,
 * never the machine. 0, or -EINVAL with the reason in `error`. */
int config_take(struct rp_config *own, const struct rp_config *config, struct rp_error *error);

#endif
