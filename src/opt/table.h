/* SPDX-License-Identifier: MIT */
/* What the parser, the help and the completions all have to say about one entry of an option table. */
#ifndef OPT_TABLE_H
#define OPT_TABLE_H

#include "opt/opt.h"

/* A bound of the entry's range as it is typed: whole numbers, or seconds without trailing zeros. */
const char *opt_bound_text(const struct opt *opt, int64_t bound, char text[NS_TEXT_SIZE]);

/* The upper bound: the entry's, or that of its kind. */
int64_t opt_max(const struct opt *opt);

/* Whether its argument may be left out and, where given, is mostly attached (--name=argument). */
bool opt_takes_attached(const struct opt *opt);

/* What a shell offers for it. */
enum opt_complete opt_completion(const struct opt *opt);

/* The names of the entry's choices, with `separator` between them. */
void opt_add_choices(struct strbuf *out, const struct opt *opt, const char *separator);

/* Every spelling of the entry ("-c", "-iL", "--count"), each with `before` and `after` it. */
void opt_add_spellings(struct strbuf *out, const struct opt *opt, const char *before, const char *after);

/* Text for between single quotes, where "'" is written as `quote`; the octets of `special` get a backslash. */
void opt_add_quoted(struct strbuf *out, const char *text, const char *special, const char *quote);

/* A piece of a script in which TOOL stands for the tool's name. */
void opt_add_script(struct strbuf *out, const struct opt_tool *tool, const char *script);

/* Whether an entry of the table is completed in that way. */
bool opt_any_completes(const struct opt_tool *tool, enum opt_complete complete);

/* The same for HOST and SERVICE, the two parts of a TARGET. */
bool opt_any_targets(const struct opt_tool *tool, enum opt_complete part);

#endif
