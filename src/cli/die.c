/* SPDX-License-Identifier: MIT */
#include "cli/die.h"

extern int cli_die_c_stub;
