/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

extern int cli_opt_c_stub;
