/* SPDX-License-Identifier: MIT */
/* Prints a tool's table of options in one of its forms: optgen rping|rsyn help|man|bash|zsh|fish. */
#include <stdio.h>
#include <string.h>

#include "completions/forms.h"
#include "config.h"
#include "rping/opts.h"
#include "rsyn/opts.h"

static const struct {
	const char *name;
	void (*print)(const struct opt_tool *tool, struct strbuf *out);
} forms[] = {
	{"help", opt_print_help}, {"man", form_manual}, {"bash", form_bash}, {"zsh", form_zsh}, {"fish", form_fish},
};

static const struct opt_tool *const tools[] = {&rping_tool, &rsyn_tool};

static int print(const struct opt_tool *tool, const char *form)
{
	struct strbuf text;
	int status = 2;

	strbuf_init(&text);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].name, form) == 0)
			forms[i].print(tool, &text);
	if (text.length > 0 && !text.failed && fputs(text.text, stdout) >= 0 && fflush(stdout) == 0)
		status = 0;
	strbuf_fini(&text);
	return status;
}

int main(int argc, char **argv)
{
	int status = 2;

	for (size_t i = 0; argc == 3 && i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strcmp(tools[i]->name, argv[1]) == 0)
			status = print(tools[i], argv[2]);
	if (status)
		fputs("usage: optgen " RPING_NAME "|rsyn help|man|bash|zsh|fish\n", stderr);
	return status;
}
