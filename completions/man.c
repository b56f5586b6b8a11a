/* SPDX-License-Identifier: MIT */
/* Prints the manual's section OPTIONS in roff. */
#include "completions/forms.h"

#include <string.h>

/* Text as roff shows it unchanged: no escapes, no requests, hyphens that can be copied. Sentences get lines of
 * their own, as roff wants them. */
static void add_roff(struct strbuf *out, const char *text)
{
	static const struct {
		char byte;
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
			if (special[i].byte == *text)
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

void form_manual(const struct opt_tool *tool, struct strbuf *out)
{
	for (const struct opt_group *group = tool->groups; group->options; group++) {
		if (opt_heading_begins(tool, group))
			strbuf_addf(out, ".SS %s\n", group->heading);
		for (const struct opt *opt = group->options; opt->name; opt++)
			add_manual(out, opt);
	}
}
