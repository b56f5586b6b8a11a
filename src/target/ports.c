/* SPDX-License-Identifier: MIT */
#include "rprobe/rprobe.h"

extern int target_ports_c_stub;
