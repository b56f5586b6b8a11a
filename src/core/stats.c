/* SPDX-License-Identifier: MIT */
#include "core/stats.h"

extern int core_stats_c_stub;
