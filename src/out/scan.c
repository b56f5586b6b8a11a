/* SPDX-License-Identifier: MIT */
#include "out/out.h"

extern int out_scan_c_stub;
