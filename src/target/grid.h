/* SPDX-License-Identifier: MIT */
/*
 * Numbers the pairs of target and port, and knows which ports are asked of each target. Whoever keeps something of each
 * pair indexes an array by these numbers. It is a part of the target set, and is reached through it.
 */
#ifndef TARGET_GRID_H
#define TARGET_GRID_H

#include <rprobe/target.h>

/* The grids that a target stands in. */
#define GRID_ASKED  1
#define GRID_PROBED 2
#define GRID_MERGED 4
#define GRID_ALL    7

struct grids;

/* 0 or -ENOMEM. */
int grids_new(struct grids **grids);
void grids_free(struct grids *grids);

const struct rp_grid *grids_get(const struct grids *grids, unsigned which);

/* The present ports, of what is requested from now on; NULL: port 0 alone, as it is at first. 0 or -ENOMEM. */
int grids_set_ports(struct grids *grids, const struct rp_ports *ports);
const struct rp_ports *grids_ports(const struct grids *grids);

/* All that were set; NULL: none were. */
const struct rp_ports *grids_all_ports(struct grids *grids);

/* Targets in a row are asked for the present ports, too, in these grids. */
void grids_request(struct grids *grids, uint32_t first, uint32_t count, unsigned which);

/* Numbers what has been requested. 0 or -ENOMEM, also where memory was out before. */
int grids_build(struct grids *grids);

#endif
