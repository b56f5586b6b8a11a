/* SPDX-License-Identifier: MIT */
/* A tool's options as section OPTIONS of its manual and as completions of three shells. Only the build needs them. */
#ifndef COMPLETIONS_FORMS_H
#define COMPLETIONS_FORMS_H

#include "opt/table.h"

void form_manual(const struct opt_tool *tool, struct strbuf *out);
void form_bash(const struct opt_tool *tool, struct strbuf *out);
void form_zsh(const struct opt_tool *tool, struct strbuf *out);
void form_fish(const struct opt_tool *tool, struct strbuf *out);

/* What a shell offers for it. */
enum opt_complete opt_completion(const struct opt *opt);

/* Every spelling of the entry ("-c", "-iL", "--count"), each with `before` and `after` it. */
void opt_add_spellings(struct strbuf *out, const struct opt *opt, const char *before, const char *after);

/* Text for between single quotes, where "'" is written as `quote`; the bytes of `special` get a backslash. */
void opt_add_quoted(struct strbuf *out, const char *text, const char *special, const char *quote);

/* A piece of a script in which TOOL stands for the tool's name. */
void opt_add_script(struct strbuf *out, const struct opt_tool *tool, const char *script);

/* Whether an entry of the table is completed in that way. */
bool opt_any_completes(const struct opt_tool *tool, enum opt_complete complete);

/* The same for HOST and SERVICE, the two parts of a TARGET. */
bool opt_any_targets(const struct opt_tool *tool, enum opt_complete part);

#endif
