/* SPDX-License-Identifier: MIT */
/* A set of ports, as the target set keeps it; the public rp_ports_* are implemented in ports.c. */
#ifndef TARGET_PORTS_H
#define TARGET_PORTS_H

#include <rprobe/target.h>

struct rp_ports {
	uint32_t count;
	uint16_t list[]; /* ascending */
};

#endif
