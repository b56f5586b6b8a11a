/* SPDX-License-Identifier: MIT */
/* What the driver of a run has below it. */
#ifndef TESTS_SIM_KERNEL_H
#define TESTS_SIM_KERNEL_H

#include "run.h"

#define OUR_ADDRESS 0xcb007164

/* Its struct path is the struct run. */
extern const struct path_type kernel_path;

/* The packet that was read last has been reported: checks what was said of it. */
void kernel_judge(struct run *run);

/* Whether something of that chance happens now. */
bool happens(struct run *run, int64_t of_a_million);

#endif
