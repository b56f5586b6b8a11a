/* SPDX-License-Identifier: MIT */
/* Hides the completion script for bash. It needs no bash-completion, uses its list of hosts where that is
 * loaded, runs nothing of ours, and never lets the shell expand a name that it found on the system. */
#include "cli/opt.h"

#include "cli/table.h"

/* COMPREPLY gets every candidate that begins with what was typed, quoted, behind a prefix. */
static const char head[] = "# bash completion for TOOL, made from its table of options\n"
			   "\n"
			   "_TOOL_offer() # prefix, what was typed, candidates...\n"
			   "{\n"
			   "\tlocal word quoted\n"
			   "\tfor word in \"${@:3}\"; do\n"
			   "\t\tif [[ $word == \"$2\"* ]]; then\n"
			   "\t\t\tprintf -v quoted %q \"$word\"\n"
			   "\t\t\tCOMPREPLY+=(\"$1$quoted\")\n"
			   "\t\tfi\n"
			   "\tdone\n"
			   "}\n";

static const char interfaces[] = "\n"
				 "_TOOL_interfaces() # what was typed\n"
				 "{\n"
				 "\tlocal -a names=(/sys/class/net/*/)\n"
				 "\tnames=(\"${names[@]%/}\")\n"
				 "\t_TOOL_offer '' \"$1\" \"${names[@]##*/}\"\n"
				 "}\n";

static const char services[] = "\n"
			       "_TOOL_services() # what was typed: a list, of which the last element is completed\n"
			       "{\n"
			       "\tlocal last=${1##*,} name port _\n"
			       "\tlocal -a names=()\n"
			       "\twhile read -r name port _; do\n"
			       "\t\t[[ $port == */tcp ]] && names+=(\"$name\")\n"
			       "\tdone < <(getent services 2>/dev/null || cat /etc/services 2>/dev/null)\n"
			       "\tcompopt -o nospace 2>/dev/null\n"
			       "\t_TOOL_offer \"${1%\"$last\"}\" \"$last\" \"${names[@]}\"\n"
			       "}\n";

static const char hosts[] = "\n"
			    "_TOOL_hosts() # what was typed\n"
			    "{\n"
			    "\tif declare -F _known_hosts_real >/dev/null; then\n"
			    "\t\t_known_hosts_real -- \"$1\"\n"
			    "\t\treturn\n"
			    "\tfi\n"
			    "\tlocal line name\n"
			    "\tlocal -a names=() list\n"
			    "\tmapfile -t names < <(compgen -A hostname)\n"
			    "\twhile read -r line _; do\n"
			    "\t\t[[ $line == [\"|@#\"]* ]] && continue\n"
			    "\t\tIFS=, read -ra list <<<\"$line\"\n"
			    "\t\tfor name in \"${list[@]}\"; do\n"
			    "\t\t\tname=${name#[}\n"
			    "\t\t\tnames+=(\"${name%%]*}\")\n"
			    "\t\tdone\n"
			    "\tdone < <(cat ~/.ssh/known_hosts 2>/dev/null)\n"
			    "\t_TOOL_offer '' \"$1\" \"${names[@]}\"\n"
			    "}\n";

/* bash hands --name=value over as three words, and as two while the value is empty. */
static const char begin[] = "\n"
			    "_TOOL()\n"
			    "{\n"
			    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word operands=\n"
			    "\tCOMPREPLY=()\n"
			    "\tif [[ $cur == '=' ]]; then\n"
			    "\t\tcur=\n"
			    "\telif [[ $prev == '=' ]]; then\n"
			    "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
			    "\tfi\n"
			    "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
			    "\t\t[[ $word == -- ]] && prev= operands=1\n"
			    "\tdone\n"
			    "\tcase $prev in\n";

static void add_action(struct strbuf *out, const struct opt_tool *tool, const struct opt *opt,
		       enum opt_complete complete)
{
	switch (complete) {
	case OPT_COMPLETE_NONE:
		strbuf_add(out, "return");
		break;
	case OPT_COMPLETE_FILE:
		strbuf_add(out, "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")");
		break;
	case OPT_COMPLETE_HOST:
		opt_add_script(out, tool, "_TOOL_hosts \"$cur\"");
		break;
	case OPT_COMPLETE_INTERFACE:
		opt_add_script(out, tool, "_TOOL_interfaces \"$cur\"");
		break;
	case OPT_COMPLETE_SERVICE:
		opt_add_script(out, tool, "_TOOL_services \"$cur\"");
		break;
	case OPT_COMPLETE_CHOICE:
		opt_add_script(out, tool, "_TOOL_offer '' \"$cur\" ");
		opt_add_choices(out, opt, " ");
		break;
	}
}

/* The pattern of a case: every spelling of the option, as the word before the argument. */
static void add_case(struct strbuf *out, const struct opt_tool *tool, const struct opt *opt)
{
	strbuf_add(out, "\t");
	if (opt->letter)
		strbuf_addf(out, "-%c | ", opt->letter);
	if (opt->alias)
		strbuf_addf(out, "-%s | ", opt->alias);
	strbuf_addf(out, "--%s)\n\t\t", opt->name);
	add_action(out, tool, opt, opt_completion(opt));
	strbuf_add(out, opt_completion(opt) == OPT_COMPLETE_NONE ? "\n\t\t;;\n" : "\n\t\treturn\n\t\t;;\n");
}

void opt_print_bash(const struct opt_tool *tool, struct strbuf *out)
{
	opt_add_script(out, tool, head);
	if (opt_any_completes(tool, OPT_COMPLETE_INTERFACE))
		opt_add_script(out, tool, interfaces);
	if (opt_any_completes(tool, OPT_COMPLETE_SERVICE))
		opt_add_script(out, tool, services);
	if (opt_any_completes(tool, OPT_COMPLETE_HOST))
		opt_add_script(out, tool, hosts);
	opt_add_script(out, tool, begin);
	for (const struct opt *opt = tool->table; opt->name; opt++)
		if (opt->argument && !opt_takes_attached(opt))
			add_case(out, tool, opt);
	strbuf_add(out, "\tesac\n\tif [[ $cur == -* && ! $operands ]]; then\n");
	opt_add_script(out, tool, "\t\t_TOOL_offer '' \"$cur\"");
	for (const struct opt *opt = tool->table; opt->name; opt++)
		opt_add_spellings(out, opt, " ", "");
	strbuf_add(out, "\n\telse\n\t\t");
	add_action(out, tool, NULL, tool->operand_complete);
	opt_add_script(out, tool, "\n\tfi\n}\ncomplete -F _TOOL TOOL\n");
}
