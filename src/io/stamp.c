/* SPDX-License-Identifier: MIT */
#include "io/stamp.h"

extern int io_stamp_c_stub;
