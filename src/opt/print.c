/* SPDX-License-Identifier: MIT */
/* Hides how an option table looks to people: --help in 80 columns, and the OPTIONS of the manual in roff. */
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

static bool group_begins(const struct opt_tool *tool, const struct opt *opt)
{
	return opt == tool->table || strcmp(opt[-1].group, opt->group) != 0;
}

void opt_print_help(const struct opt_tool *tool, struct strbuf *out)
{
	strbuf_addf(out, "Usage: %s [OPTION]... %s\n", tool->name, tool->operands);
	add_wrapped(out, tool->summary, 0, 0);
	strbuf_add_char(out, '\n');
	for (const struct opt *opt = tool->table; opt->name; opt++) {
		if (group_begins(tool, opt))
			strbuf_addf(out, "\n%s:\n", opt->group);
		add_help(out, opt);
	}
	strbuf_addf(out, "\n%s", tool->epilogue);
}

/* Text as roff shows it unchanged: no escapes, no requests, hyphens that can be copied. Sentences get lines of
 * their own, as roff wants them. */
static void add_roff(struct strbuf *out, const char *text)
{
	static const struct {
		char octet;
		const char *roff;
	} special[] = {{'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};
	bool line_begins = true;

	for (; *text; text++) {
		const char *roff = NULL;

		if (strncmp(text, ". ", 2) == 0) {
			strbuf_add(out, ".\n");
			line_begins = true;
			text++;
			continue;
		}
		if (line_begins && *text == '.')
			strbuf_add(out, "\\&");
		line_begins = false;
		for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
			if (special[i].octet == *text)
				roff = special[i].roff;
		if (roff)
			strbuf_add(out, roff);
		else
			strbuf_add_char(out, *text);
	}
}

/* Sentences of the manual begin with a capital and a line of their own. */
static void add_sentence(struct strbuf *out, const char *text)
{
	const char first[] = {text[0] >= 'a' && text[0] <= 'z' ? (char)(text[0] - 'a' + 'A') : text[0], '\0'};

	add_roff(out, first);
	if (text[0])
		add_roff(out, text + 1);
	strbuf_add(out, ".\n");
}

static void add_range(struct strbuf *out, const struct opt *opt)
{
	char low[NS_TEXT_SIZE], high[NS_TEXT_SIZE];

	if (opt->kind == OPT_CHOICE) {
		strbuf_add(out, "One of: ");
	} else if (opt->kind == OPT_INT || opt->kind == OPT_DURATION) {
		strbuf_add(out, opt->kind == OPT_INT ? "Range: " : "Range in seconds: ");
		if (opt_max(opt) == INT64_MAX)
			strbuf_addf(out, "from %s", opt_bound_text(opt, opt->min, low));
		else
			strbuf_addf(out, "%s to %s", opt_bound_text(opt, opt->min, low),
				    opt_bound_text(opt, opt_max(opt), high));
		strbuf_add(out, opt->choices ? "; or " : "");
	} else {
		return;
	}
	opt_add_choices(out, opt, ", ");
	strbuf_add(out, ".\n");
}

static void add_manual(struct strbuf *out, const struct opt *opt)
{
	strbuf_add(out, ".TP\n");
	if (opt->letter)
		strbuf_addf(out, "\\fB\\-%c\\fR, ", opt->letter);
	if (opt->alias)
		strbuf_addf(out, "\\fB\\-%s\\fR, ", opt->alias);
	strbuf_add(out, "\\fB\\-\\-");
	add_roff(out, opt->name);
	strbuf_add(out, "\\fR");
	if (opt->argument)
		strbuf_addf(out, opt_takes_attached(opt) ? "[=\\fI%s\\fR]" : " \\fI%s\\fR", opt->argument);
	strbuf_add_char(out, '\n');
	add_sentence(out, opt->help);
	if (opt->manual) {
		add_roff(out, opt->manual);
		strbuf_add_char(out, '\n');
	}
	add_range(out, opt);
	if (opt->fallback) {
		strbuf_add(out, "Default: ");
		add_roff(out, opt->fallback);
		strbuf_add(out, ".\n");
	}
}

void opt_print_manual(const struct opt_tool *tool, struct strbuf *out)
{
	for (const struct opt *opt = tool->table; opt->name; opt++) {
		if (group_begins(tool, opt))
			strbuf_addf(out, ".SS %s\n", opt->group);
		add_manual(out, opt);
	}
}
