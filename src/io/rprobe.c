/* SPDX-License-Identifier: MIT */
#include "rprobe/rprobe.h"

extern int io_rprobe_c_stub;
