/* SPDX-License-Identifier: MIT */
/* What was probably meant by a word that is no option here, or no operand. */
#ifndef OPT_SUGGEST_H
#define OPT_SUGGEST_H

#include "opt/opt.h"

/* The long name nearest to `typed` (up to a '='), or NULL when none is near. */
const char *opt_suggest(const struct opt_tool *tool, const char *typed);

/* Why an option of another tool is not here; NULL: it is none of those. */
const char *opt_foreign_why(const struct opt_tool *tool, const char *typed);

#endif
