/* SPDX-License-Identifier: MIT */
/* Prints the completions for fish: one line of `complete` for each entry of the table. */
#include "completions/forms.h"

/* fish hands over the whole word, --ports=ssh,ht, and wants the value back with the part that stays. */
static const char list[] = "\n"
			   "function __TOOL_list\n"
			   "    set -l typed (commandline -ct)\n"
			   "    set -l value (string replace -r -- '^-(-[^=]*=|[^-])' '' \"$typed\")\n"
			   "    set -l before (string replace -r '[^,:]*$' '' -- \"$value\")\n"
			   "    printf '%s\\n' \"$before\"$argv\n"
			   "end\n";

static const char services[] = "\n"
			       "function __TOOL_services\n"
			       "    set -l names (begin\n"
			       "            getent services 2>/dev/null; or cat /etc/services 2>/dev/null\n"
			       "        end | string replace -rf '^([^\\s#]+)\\s+\\d+/tcp.*' '$1')\n"
			       "    __TOOL_list $names\n"
			       "end\n";

static const char targets[] = "\n"
			      "function __TOOL_targets\n"
			      "    if string match -q -- '*:*' (commandline -ct)\n"
			      "        __TOOL_services\n"
			      "    else\n"
			      "        __fish_print_hostnames\n"
			      "    end\n"
			      "end\n";

/* What follows -- is completed as if it stood alone. */
static const char command[] =
	"\n"
	"function __TOOL_has_command\n"
	"    contains -- -- (commandline -opc)\n"
	"end\n"
	"\n"
	"function __TOOL_command\n"
	"    set -l words (commandline -opc)\n"
	"    set -l rest $words[(math (contains -i -- -- $words) + 1)..]\n"
	"    complete -C (string join ' ' -- (string escape -- $rest) (commandline -ct | string collect -a))\n"
	"end\n"
	"complete -c TOOL -n __TOOL_has_command -f -a '(__TOOL_command)'\n";

static const char interfaces[] = "\n"
				 "function __TOOL_interfaces\n"
				 "    set -l names /sys/class/net/*/\n"
				 "    string replace -r '.*/(.+)/$' '$1' -- $names\n"
				 "end\n";

static void add_action(struct strbuf *out, const struct opt_tool *tool, const struct opt *opt,
		       enum opt_complete complete)
{
	switch (complete) {
	case OPT_COMPLETE_NONE:
		strbuf_add(out, " -x");
		break;
	case OPT_COMPLETE_FILE:
		strbuf_add(out, " -r -F");
		break;
	case OPT_COMPLETE_HOST:
		strbuf_add(out, " -x -a '(__fish_print_hostnames)'");
		break;
	case OPT_COMPLETE_INTERFACE:
		opt_add_script(out, tool, " -x -a '(__TOOL_interfaces)'");
		break;
	case OPT_COMPLETE_SERVICE:
		opt_add_script(out, tool, " -x -a '(__TOOL_services)'");
		break;
	case OPT_COMPLETE_TARGET:
		opt_add_script(out, tool, " -x -a '(__TOOL_targets)'");
		break;
	case OPT_COMPLETE_LIST:
		opt_add_script(out, tool, " -x -a '(__TOOL_list ");
		opt_add_choices(out, opt, " ");
		strbuf_add(out, ")'");
		break;
	case OPT_COMPLETE_CHOICE:
		strbuf_add(out, " -x -a '");
		opt_add_choices(out, opt, " ");
		strbuf_add(out, "'");
		break;
	}
}

static void add_option(struct strbuf *out, const struct opt_tool *tool, const struct opt *opt)
{
	opt_add_script(out, tool, "complete -c TOOL");
	if (opt->letter)
		strbuf_addf(out, " -s %c", opt->letter);
	if (opt->alias)
		strbuf_addf(out, " -o %s", opt->alias);
	strbuf_addf(out, " -l %s", opt->name);
	if (opt->argument && !opt_takes_attached(opt))
		add_action(out, tool, opt, opt_completion(opt));
	strbuf_add(out, " -d '");
	opt_add_quoted(out, opt->help, "\\", "\\'");
	strbuf_add(out, "'\n");
}

void form_fish(const struct opt_tool *tool, struct strbuf *out)
{
	opt_add_script(out, tool, "# fish completion for TOOL, made from its table of options\n");
	if (opt_any_completes(tool, OPT_COMPLETE_INTERFACE))
		opt_add_script(out, tool, interfaces);
	opt_add_script(out, tool, list);
	if (opt_any_targets(tool, OPT_COMPLETE_SERVICE))
		opt_add_script(out, tool, services);
	if (opt_any_completes(tool, OPT_COMPLETE_TARGET))
		opt_add_script(out, tool, targets);
	if (tool->command)
		opt_add_script(out, tool, command);
	opt_add_script(out, tool, "\ncomplete -c TOOL -f");
	if (tool->command)
		opt_add_script(out, tool, " -n 'not __TOOL_has_command'");
	if (tool->operand_complete == OPT_COMPLETE_HOST)
		strbuf_add(out, " -a '(__fish_print_hostnames)'");
	else if (tool->operand_complete == OPT_COMPLETE_TARGET)
		opt_add_script(out, tool, " -a '(__TOOL_targets)'");
	strbuf_add(out, "\n");
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt))
		add_option(out, tool, opt);
}
