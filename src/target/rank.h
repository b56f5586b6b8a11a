/* SPDX-License-Identifier: MIT */
/* The ports that are looked at first. */
#ifndef TARGET_RANK_H
#define TARGET_RANK_H

#include <stddef.h>
#include <stdint.h>

/* First comes first; each port once. */
extern const uint16_t top_ports[];
extern const size_t top_ports_count;

#endif
