/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

extern int rsyn_opts_c_stub;
