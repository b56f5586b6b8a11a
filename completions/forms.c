/* SPDX-License-Identifier: MIT */
/* What the completions of all shells need. */
#include "completions/forms.h"

#include <string.h>

enum opt_complete opt_completion(const struct opt *opt)
{
	return opt->kind == OPT_CHOICE ? OPT_COMPLETE_CHOICE : opt->complete;
}

void opt_add_spellings(struct strbuf *out, const struct opt *opt, const char *before, const char *after)
{
	if (opt->letter)
		strbuf_addf(out, "%s-%c%s", before, opt->letter, after);
	if (opt->alias)
		strbuf_addf(out, "%s-%s%s", before, opt->alias, after);
	strbuf_addf(out, "%s--%s%s", before, opt->name, after);
}

void opt_add_quoted(struct strbuf *out, const char *text, const char *special, const char *quote)
{
	for (; *text; text++) {
		if (*text == '\'') {
			strbuf_add(out, quote);
			continue;
		}
		if (strchr(special, *text))
			strbuf_add_char(out, '\\');
		strbuf_add_char(out, *text);
	}
}

void opt_add_script(struct strbuf *out, const struct opt_tool *tool, const char *script)
{
	for (const char *name; (name = strstr(script, "TOOL")); script = name + strlen("TOOL")) {
		strbuf_add_bytes(out, script, (size_t)(name - script));
		strbuf_add(out, tool->name);
	}
	strbuf_add(out, script);
}

bool opt_any_completes(const struct opt_tool *tool, enum opt_complete complete)
{
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt))
		if (opt_completion(opt) == complete)
			return true;
	return tool->operand_complete == complete;
}

bool opt_any_targets(const struct opt_tool *tool, enum opt_complete part)
{
	return opt_any_completes(tool, part) || opt_any_completes(tool, OPT_COMPLETE_TARGET);
}
