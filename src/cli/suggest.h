/* SPDX-License-Identifier: MIT */
/* Which long option was probably meant. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include "cli/opt.h"

/* The long name nearest to `typed` (up to a '='), or NULL when none is near. */
const char *opt_suggest(const struct opt_tool *tool, const char *typed);

#endif
