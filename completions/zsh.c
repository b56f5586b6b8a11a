/* SPDX-License-Identifier: MIT */
/* Prints the completion function for zsh: the table as the specifications of _arguments. */
#include "completions/forms.h"

#include <stdio.h>

static const char head[] = "#compdef TOOL\n"
			   "# zsh completion for TOOL, made from its table of options\n"
			   "\n"
			   "local curcontext=$curcontext expl ret=1\n"
			   "local -a state line names\n"
			   "typeset -A opt_args\n"
			   "\n";

/* What follows -- is completed as if it stood alone. */
static const char command[] = "integer at=${words[(i)--]}\n"
			      "if (( at < CURRENT )); then\n"
			      "\tshift $at words\n"
			      "\t(( CURRENT -= at ))\n"
			      "\t_normal\n"
			      "\treturn\n"
			      "fi\n"
			      "\n";

static const char arguments[] = "_arguments -C -s -S \\\n";

static const char states[] = "case $state in\n"
			     "interface)\n"
			     "\tnames=(/sys/class/net/*(N-/:t))\n"
			     "\t_wanted interfaces expl interface compadd -a names && ret=0\n"
			     "\t;;\n"
			     "target)\n"
			     "\tcompset -P '*:' || { _hosts && ret=0; return ret }\n"
			     "\t;|\n"
			     "service|target)\n"
			     "\tcompset -P '*,'\n"
			     "\tnames=(${(f)\"$(getent services 2>/dev/null || cat /etc/services 2>/dev/null)\"})\n"
			     "\tnames=(${${(M)names:#[^#]##[[:blank:]][0-9]##/tcp*}%%[[:blank:]]*})\n"
			     "\t_wanted services expl service compadd -q -S , -a names && ret=0\n"
			     "\t;;\n"
			     "esac\n"
			     "return ret\n";

static void add_action(struct strbuf *out, const struct opt *opt, enum opt_complete complete)
{
	switch (complete) {
	case OPT_COMPLETE_NONE:
		strbuf_add(out, " ");
		break;
	case OPT_COMPLETE_FILE:
		strbuf_add(out, "_files");
		break;
	case OPT_COMPLETE_HOST:
		strbuf_add(out, "_hosts");
		break;
	case OPT_COMPLETE_INTERFACE:
		strbuf_add(out, "->interface");
		break;
	case OPT_COMPLETE_SERVICE:
		strbuf_add(out, "->service");
		break;
	case OPT_COMPLETE_TARGET:
		strbuf_add(out, "->target");
		break;
	case OPT_COMPLETE_LIST:
		strbuf_add(out, "{compset -P \"*,\"; compadd -S \"\" -- ");
		opt_add_choices(out, opt, " ");
		strbuf_add(out, "}");
		break;
	case OPT_COMPLETE_CHOICE:
		strbuf_add(out, "(");
		opt_add_choices(out, opt, " ");
		strbuf_add(out, ")");
		break;
	}
}

/* What is no longer offered once the option was given: its other spellings, or after --help everything. */
static void add_exclusion(struct strbuf *out, const struct opt *opt)
{
	switch (opt->kind) {
	case OPT_HELP:
	case OPT_VERSION:
		strbuf_add(out, "(- *)");
		break;
	case OPT_COUNT:
	case OPT_CALL:
	case OPT_SET:
		strbuf_add(out, "*");
		break;
	case OPT_FLAG:
	case OPT_INT:
	case OPT_DURATION:
	case OPT_TEXT:
	case OPT_CHOICE:
		strbuf_add(out, "(");
		opt_add_spellings(out, opt, "", " ");
		strbuf_add(out, ")");
		break;
	}
}

/* One spelling; `join` says how an argument may follow in the same word: '+' directly, '=' after that sign. */
static void add_spelling(struct strbuf *out, const struct opt *opt, const char *spelling, const char *join)
{
	strbuf_add(out, "\t'");
	add_exclusion(out, opt);
	strbuf_addf(out, "%s%s[", spelling, opt_takes_attached(opt) ? "=-" : opt->argument ? join : "");
	opt_add_quoted(out, opt->help, "\\[]:", "'\\''");
	strbuf_add(out, "]");
	if (opt->argument) {
		strbuf_addf(out, opt_takes_attached(opt) ? "::%s:" : ":%s:", opt->argument);
		add_action(out, opt, opt_completion(opt));
	}
	strbuf_add(out, "' \\\n");
}

void form_zsh(const struct opt_tool *tool, struct strbuf *out)
{
	char spelling[64];

	opt_add_script(out, tool, head);
	if (tool->command)
		strbuf_add(out, command);
	strbuf_add(out, arguments);
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt)) {
		if (opt->letter) {
			snprintf(spelling, sizeof(spelling), "-%c", opt->letter);
			add_spelling(out, opt, spelling, "+");
		}
		if (opt->alias) {
			snprintf(spelling, sizeof(spelling), "-%s", opt->alias);
			add_spelling(out, opt, spelling, "");
		}
		snprintf(spelling, sizeof(spelling), "--%s", opt->name);
		add_spelling(out, opt, spelling, "=");
	}
	strbuf_add(out, "\t'*:operand:");
	add_action(out, NULL, tool->operand_complete);
	strbuf_add(out, "' && ret=0\n\n");
	strbuf_add(out, states);
}
