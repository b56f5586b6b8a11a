/* SPDX-License-Identifier: MIT */
/* What a config may say. The public rp_config_init() is implemented here. */
#ifndef IO_CONFIG_H
#define IO_CONFIG_H

#include <rprobe/rprobe.h>

/* 0, or -EINVAL with the reason in `error`. Looks at the values only, never at the machine. */
int config_check(const struct rp_config *config, struct rp_error *error);

#endif
