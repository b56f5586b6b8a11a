/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

extern int rping_opts_c_stub;
