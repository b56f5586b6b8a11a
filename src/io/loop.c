/* SPDX-License-Identifier: MIT */
#include "io/loop.h"

extern int io_loop_c_stub;
