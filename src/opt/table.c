/* SPDX-License-Identifier: MIT */
/* Hides how the fields of an option table read as text; every output asks here, so all of them agree. */
#include "opt/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *trim_zeros(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == '0')
		length--;
	if (length > 0 && text[length - 1] == '.')
		length--;
	text[length] = '\0';
	return text;
}

const char *opt_bound_text(const struct opt *opt, int64_t bound, char text[NS_TEXT_SIZE])
{
	if (opt->kind == OPT_DURATION) {
		ns_format_s(bound, 9, text);
		return trim_zeros(text);
	}
	snprintf(text, NS_TEXT_SIZE, "%" PRId64, bound);
	return text;
}

int64_t opt_max(const struct opt *opt)
{
	if (opt->max != 0)
		return opt->max;
	return opt->kind == OPT_DURATION ? OPT_LONGEST : INT64_MAX;
}

bool opt_takes_attached(const struct opt *opt)
{
	return opt->optional && !opt->optional_last && opt->kind != OPT_DURATION;
}

enum opt_complete opt_completion(const struct opt *opt)
{
	return opt->kind == OPT_CHOICE ? OPT_COMPLETE_CHOICE : opt->complete;
}

void opt_add_choices(struct strbuf *out, const struct opt *opt, const char *separator)
{
	if (!opt->choices)
		return;
	for (const struct choice *choice = opt->choices; choice->name; choice++) {
		if (choice != opt->choices)
			strbuf_add(out, separator);
		strbuf_add(out, choice->name);
	}
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
	for (const struct opt *opt = tool->table; opt->name; opt++)
		if (opt_completion(opt) == complete)
			return true;
	return tool->operand_complete == complete;
}

bool opt_any_targets(const struct opt_tool *tool, enum opt_complete part)
{
	return opt_any_completes(tool, part) || opt_any_completes(tool, OPT_COMPLETE_TARGET);
}
