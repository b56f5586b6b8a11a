/* SPDX-License-Identifier: MIT */
#include "rprobe/rprobe.h"

extern int io_priv_c_stub;
