/* SPDX-License-Identifier: MIT */
/* Prints the completion script for bash. It needs no bash-completion, uses its list of hosts where that is
 * loaded, runs nothing of ours, and never lets the shell expand a name that it found on the system. */
#include "completions/forms.h"

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
				 "_TOOL_interfaces() # prefix, what was typed\n"
				 "{\n"
				 "\tlocal -a names=(/sys/class/net/*/)\n"
				 "\tnames=(\"${names[@]%/}\")\n"
				 "\t_TOOL_offer \"$1\" \"$2\" \"${names[@]##*/}\"\n"
				 "}\n";

static const char list[] =
	"\n"
	"_TOOL_list() # prefix, what was typed: a list, of which the last element is completed; candidates...\n"
	"{\n"
	"\tlocal last=${2##*[,:]}\n"
	"\tcompopt -o nospace 2>/dev/null\n"
	"\t_TOOL_offer \"$1${2%\"$last\"}\" \"$last\" \"${@:3}\"\n"
	"}\n";

static const char services[] = "\n"
			       "_TOOL_services() # prefix, what was typed\n"
			       "{\n"
			       "\tlocal name port _\n"
			       "\tlocal -a names=()\n"
			       "\twhile read -r name port _; do\n"
			       "\t\t[[ $port == */tcp ]] && names+=(\"$name\")\n"
			       "\tdone < <(getent services 2>/dev/null || cat /etc/services 2>/dev/null)\n"
			       "\t_TOOL_list \"$1\" \"$2\" \"${names[@]}\"\n"
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

/* bash-completion completes a command and its arguments as it would without us. Without it: commands, what the
 * command itself has registered, and files. */
static const char command[] = "\n"
			      "_TOOL_command() # the place of the command among the words\n"
			      "{\n"
			      "\tlocal offset\n"
			      "\tfor offset in _comp_command_offset _command_offset; do\n"
			      "\t\tif declare -F \"$offset\" >/dev/null; then\n"
			      "\t\t\t\"$offset\" \"$1\"\n"
			      "\t\t\treturn\n"
			      "\t\tfi\n"
			      "\tdone\n"
			      "\tif ((COMP_CWORD == $1)); then\n"
			      "\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
			      "\telif [[ $(complete -p \"${COMP_WORDS[$1]}\" 2>/dev/null) =~ -F\\ ([^ ]+) ]]; then\n"
			      "\t\tCOMP_WORDS=(\"${COMP_WORDS[@]:$1}\")\n"
			      "\t\t((COMP_CWORD -= $1))\n"
			      "\t\t\"${BASH_REMATCH[1]}\" \"${COMP_WORDS[0]}\" \"$cur\" \"$prev\"\n"
			      "\telse\n"
			      "\t\tcompopt -o filenames 2>/dev/null\n"
			      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
			      "\tfi\n"
			      "}\n";

/* bash hands --name=value over as three words, and as two while the value is empty; likewise HOST:PORTS. */
static const char begin[] =
	"\n"
	"_TOOL()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} operands= port= at\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ $cur == '=' || $cur == ':' ]]; then\n"
	"\t\t[[ $cur == ':' ]] && port=1\n"
	"\t\tcur=\n"
	"\telif [[ $prev == '=' || $prev == ':' ]]; then\n"
	"\t\t[[ $prev == ':' ]] && port=1\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\telif [[ $cur == *:* ]]; then\n"
	"\t\tport=1\n"
	"\tfi\n"
	"\tfor ((at = 1; at < COMP_CWORD; at++)); do\n"
	"\t\t[[ ${COMP_WORDS[at]} == -- ]] || continue\n";

static const char begin_operands[] = "\t\tprev= operands=1\n";
static const char begin_command[] = "\t\t_TOOL_command $((at + 1))\n"
				    "\t\treturn\n";
static const char begin_end[] = "\tdone\n"
				"\tcase $prev in\n";

/* What follows `prefix` in the word is completed: the option itself, where its argument is attached, else nothing. */
static void add_action(struct strbuf *out, const struct opt_tool *tool, const struct opt *opt,
		       enum opt_complete complete, const char *prefix)
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
	case OPT_COMPLETE_TARGET:
		opt_add_script(out, tool,
			       "if [[ $port ]]; then _TOOL_services '' \"$cur\"; else _TOOL_hosts \"$cur\"; fi");
		break;
	case OPT_COMPLETE_INTERFACE:
		opt_add_script(out, tool, "_TOOL_interfaces ");
		strbuf_addf(out, "'%s' \"${cur#%s}\"", prefix, prefix);
		break;
	case OPT_COMPLETE_SERVICE:
		opt_add_script(out, tool, "_TOOL_services ");
		strbuf_addf(out, "'%s' \"${cur#%s}\"", prefix, prefix);
		break;
	case OPT_COMPLETE_CHOICE:
	case OPT_COMPLETE_LIST:
		opt_add_script(out, tool, complete == OPT_COMPLETE_CHOICE ? "_TOOL_offer " : "_TOOL_list ");
		strbuf_addf(out, "'%s' \"${cur#%s}\" ", prefix, prefix);
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
	add_action(out, tool, opt, opt_completion(opt), "");
	strbuf_add(out, opt_completion(opt) == OPT_COMPLETE_NONE ? "\n\t\t;;\n" : "\n\t\treturn\n\t\t;;\n");
}

/* -p22,ht: the argument stands in the option's word. */
static void add_attached(struct strbuf *out, const struct opt_tool *tool, const struct opt *opt)
{
	const char prefix[] = {'-', opt->letter, '\0'};
	enum opt_complete complete = opt_completion(opt);
	bool served = complete == OPT_COMPLETE_INTERFACE || complete == OPT_COMPLETE_SERVICE ||
		      complete == OPT_COMPLETE_CHOICE || complete == OPT_COMPLETE_LIST;

	if (!opt->letter || !opt->argument || !served)
		return;
	strbuf_addf(out, "\t%s?*)\n\t\t", prefix);
	add_action(out, tool, opt, complete, prefix);
	strbuf_add(out, "\n\t\treturn\n\t\t;;\n");
}

void form_bash(const struct opt_tool *tool, struct strbuf *out)
{
	opt_add_script(out, tool, head);
	opt_add_script(out, tool, list);
	if (opt_any_completes(tool, OPT_COMPLETE_INTERFACE))
		opt_add_script(out, tool, interfaces);
	if (opt_any_targets(tool, OPT_COMPLETE_SERVICE))
		opt_add_script(out, tool, services);
	if (opt_any_targets(tool, OPT_COMPLETE_HOST))
		opt_add_script(out, tool, hosts);
	if (tool->command)
		opt_add_script(out, tool, command);
	opt_add_script(out, tool, begin);
	opt_add_script(out, tool, tool->command ? begin_command : begin_operands);
	opt_add_script(out, tool, begin_end);
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt))
		if (opt->argument && !opt_takes_attached(opt))
			add_case(out, tool, opt);
	strbuf_add(out, "\tesac\n\t[[ $operands ]] || case $cur in\n");
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt))
		add_attached(out, tool, opt);
	strbuf_add(out, "\tesac\n\tif [[ $cur == -* && ! $operands ]]; then\n");
	opt_add_script(out, tool, "\t\t_TOOL_offer '' \"$cur\"");
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt))
		opt_add_spellings(out, opt, " ", "");
	strbuf_add(out, "\n\telse\n\t\t");
	add_action(out, tool, NULL, tool->operand_complete, "");
	opt_add_script(out, tool, "\n\tfi\n}\ncomplete -F _TOOL TOOL\n");
}
