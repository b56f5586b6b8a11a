/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

extern int cli_print_c_stub;
