/* SPDX-License-Identifier: MIT */
#include "out/out.h"

extern int out_ping_c_stub;
