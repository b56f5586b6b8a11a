/* SPDX-License-Identifier: MIT */
/* What the parser, the help and the completions have in common. */
#ifndef OPT_TABLE_H
#define OPT_TABLE_H

#include "opt/opt.h"

/* Whether the group stands below another heading than the one before it. */
bool opt_heading_begins(const struct opt_tool *tool, const struct opt_group *group);

/* A bound of the entry's range as it is typed: whole numbers, or seconds without trailing zeros. */
const char *opt_bound_text(const struct opt *opt, int64_t bound, char text[NS_TEXT_SIZE]);

/* The upper bound: the entry's, or that of its kind. */
int64_t opt_max(const struct opt *opt);

/* Whether its argument may be left out and, where given, is mostly attached (--name=argument). */
bool opt_takes_attached(const struct opt *opt);

/* The names of the entry's choices, with `separator` between them. */
void opt_add_choices(struct strbuf *out, const struct opt *opt, const char *separator);

/* The long name nearest to `typed` (up to a '='), or NULL when none is near. */
const char *opt_suggest(const struct opt_tool *tool, const char *typed);

/* Why an option of another tool is not here; NULL: it is none of those. */
const char *opt_foreign_why(const struct opt_tool *tool, const char *typed);

#endif
