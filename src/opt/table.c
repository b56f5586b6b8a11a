/* SPDX-License-Identifier: MIT */
/* The fields of an option table as text. Parser, help, manual and completions all ask here, so that they agree. */
#include "opt/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct opt *opt_first(const struct opt_tool *tool)
{
	return tool->groups[0].options;
}

static bool is_in(const struct opt_group *group, const struct opt *wanted)
{
	for (const struct opt *opt = group->options; opt->name; opt++)
		if (opt == wanted)
			return true;
	return false;
}

const struct opt *opt_next(const struct opt_tool *tool, const struct opt *opt)
{
	const struct opt_group *group = tool->groups;

	if (opt[1].name)
		return opt + 1;
	while (!is_in(group, opt))
		group++;
	return group[1].options;
}

bool opt_heading_begins(const struct opt_tool *tool, const struct opt_group *group)
{
	return group == tool->groups || strcmp(group[-1].heading, group->heading) != 0;
}

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
