/* SPDX-License-Identifier: MIT */
/* Prints --help: the groups of options in 80 columns. */
#include "opt/opt.h"

#include <string.h>

#include "opt/table.h"

#define WIDTH       80
#define HELP_COLUMN 29

/* A blank at which no line is broken. */
#define NO_BREAK "\x01"

/* Adds `text` word by word, starting at column `at` and continuing lines at `column`. */
static void add_wrapped(struct strbuf *out, const char *text, size_t at, size_t column)
{
	bool first = true;

	for (;;) {
		size_t length;

		text += strspn(text, " ");
		length = strcspn(text, " ");
		if (length == 0)
			return;
		if (!first && at + 1 + length > WIDTH) {
			strbuf_add_char(out, '\n');
			strbuf_add_padded(out, "", column);
			at = column;
		} else if (!first) {
			strbuf_add_char(out, ' ');
			at++;
		}
		at += length;
		for (; length > 0; length--, text++)
			strbuf_add_char(out, *text == NO_BREAK[0] ? ' ' : *text);
		first = false;
	}
}

/* "  -c, --count N"; long names stand below each other, whether or not there is a short one. */
static void add_left(struct strbuf *out, const struct opt *opt)
{
	if (opt->alias)
		strbuf_addf(out, "  -%s, ", opt->alias);
	else if (opt->letter)
		strbuf_addf(out, "  -%c, ", opt->letter);
	else
		strbuf_add(out, "      ");
	strbuf_addf(out, "--%s", opt->name);
	if (opt->argument)
		strbuf_addf(out, opt_takes_attached(opt) ? "[=%s]" : " %s", opt->argument);
}

/* The help line; choices and the default follow it by themselves. */
static void add_right(struct strbuf *out, const struct opt *opt)
{
	strbuf_add(out, opt->help);
	if (opt->kind == OPT_CHOICE) {
		strbuf_add(out, ": ");
		opt_add_choices(out, opt, ", ");
	}
	if (opt->fallback)
		strbuf_addf(out, " (default" NO_BREAK "%s)", opt->fallback);
}

static void add_help(struct strbuf *out, const struct opt *opt)
{
	struct strbuf part;
	size_t at;

	strbuf_init(&part);
	add_left(&part, opt);
	strbuf_add(out, part.text ? part.text : "");
	at = part.length;
	strbuf_clear(&part);
	add_right(&part, opt);
	if (at + 2 > HELP_COLUMN) {
		strbuf_add_char(out, '\n');
		at = 0;
	}
	strbuf_add_padded(out, "", HELP_COLUMN - at);
	add_wrapped(out, part.text ? part.text : "", HELP_COLUMN, HELP_COLUMN);
	strbuf_add_char(out, '\n');
	out->failed |= part.failed;
	strbuf_fini(&part);
}

void opt_print_help(const struct opt_tool *tool, struct strbuf *out)
{
	strbuf_addf(out, "Usage: %s [OPTION]... %s\n", tool->name, tool->operands);
	add_wrapped(out, tool->summary, 0, 0);
	strbuf_add_char(out, '\n');
	for (const struct opt_group *group = tool->groups; group->options; group++) {
		if (opt_heading_begins(tool, group))
			strbuf_addf(out, "\n%s:\n", group->heading);
		for (const struct opt *opt = group->options; opt->name; opt++)
			add_help(out, opt);
	}
	strbuf_addf(out, "\n%s", tool->epilogue);
}
