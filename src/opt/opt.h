/* SPDX-License-Identifier: MIT */
/*
 * Option tables. A tool describes each option once; parser, --help, the manual's OPTIONS and the
 * completions of bash, zsh and fish are all made from that description.
 */
#ifndef OPT_OPT_H
#define OPT_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rprobe/rprobe.h>

#include "base/choice.h"
#include "base/ns.h"
#include "base/strbuf.h"

enum opt_kind {
	OPT_FLAG,     /* bool: no argument */
	OPT_COUNT,    /* unsigned: each occurrence adds one (-v -v) */
	OPT_INT,      /* int64_t, min to max */
	OPT_DURATION, /* int64_t ns, min to max; a bare number is in seconds */
	OPT_TEXT,     /* const char *, into argv */
	OPT_CHOICE,   /* int: one of `choices` */
	OPT_SET,      /* int: becomes `value`; no argument */
	OPT_CALL,     /* `call` parses it itself */
	OPT_HELP,     /* prints the help and exits 0 */
	OPT_VERSION,  /* prints the version and exits 0 */
};

/* The longest DURATION: 2^31 ms. */
#define OPT_LONGEST (INT64_C(2147483) * NS_PER_S)

/* What a shell offers after the option. */
enum opt_complete {
	OPT_COMPLETE_NONE,
	OPT_COMPLETE_FILE,
	OPT_COMPLETE_HOST,
	OPT_COMPLETE_INTERFACE,
	OPT_COMPLETE_SERVICE, /* comma-separated service names */
	OPT_COMPLETE_TARGET,  /* a host, and behind its colon what SERVICE is */
	OPT_COMPLETE_CHOICE,  /* the names in `choices` */
	OPT_COMPLETE_LIST,    /* the same with commas between, each with more behind it */
};

struct opt;

/* What a CALL gets. */
struct opt_call {
	const struct opt *opt;
	void *options;
	const char *argument;  /* NULL: the option takes none */
	struct rp_error error; /* why it is refused */
};

struct opt {
	char letter; /* 0: none */
	const char
		*alias; /* nmap's names of several letters after one dash ("iL"), always a word of their own; or NULL */
	const char *name; /* long name, without dashes */
	enum opt_kind kind;
	size_t offset;        /* of the field in the tool's options struct */
	const char *argument; /* its name in the help (COUNT, SECONDS); NULL: the option takes none */
	/* Stands for an argument that is left out; NULL: it is required. The next word is the argument if it could
	 * be one. */
	const char *optional;
	bool optional_last;   /* it may be left out at the end of the command line only */
	const char *fallback; /* default, parsed like an argument before argv; NULL: zero; shown in the help */
	int64_t min, max;     /* max 0: no bound, or OPT_LONGEST for a DURATION */
	int value;            /* SET: what is stored; CALL: whatever it likes */
	const struct choice
		*choices; /* CHOICE; INT, DURATION: words taken besides the range, or NULL; others: for completion */
	int (*call)(struct opt_call *call); /* CALL: 0, or -1 and the reason */
	enum opt_complete complete;         /* a CHOICE always has OPT_COMPLETE_CHOICE */
	const char *again;  /* TEXT: a second one is refused with this advice; NULL: it replaces the first */
	const char *help;   /* one line for --help, lower case, no full stop */
	const char *manual; /* further sentences for the manual, plain text; NULL: help alone */
};

/* The list ends with a NULL word. */
struct opt_foreign {
	const char *word;
	const char *why;
};

/* Options below one heading of help and manual. Two groups in a row with the same heading are shown as one, so that
 * tools can share arrays of options. An array stands once in a tool. */
struct opt_group {
	const char *heading;       /* NULL: the end of the list */
	const struct opt *options; /* the last one is followed by an entry whose name is NULL */
};

struct opt_tool {
	const char *name;
	const char *operands; /* "HOST", "HOST..." */
	const char *summary;  /* one sentence */
	enum opt_complete operand_complete;
	const struct opt_group *groups;
	const char *epilogue; /* last lines of --help: examples, exit codes */
	const char *version;  /* what --version prints, whole lines */
	bool command;         /* what follows -- is a command and its arguments */
	/* Options that another tool has and this one has not, and why; a star at the end stands for anything. NULL:
	 * none. */
	const struct opt_foreign *foreign;
};

/* All options of a tool: for (opt = opt_first(tool); opt; opt = opt_next(tool, opt)) */
const struct opt *opt_first(const struct opt_tool *tool);
const struct opt *opt_next(const struct opt_tool *tool, const struct opt *opt);

enum opt_result {
	OPT_RUN,   /* options are filled, operands collected */
	OPT_EXIT,  /* help or version was printed into `text`: print it to stdout, exit 0 */
	OPT_ERROR, /* `text` is the sentence for stderr, without the tool's name; exit 2 */
};

/* Parses argv into `options`, which the caller has zeroed: options anywhere among the operands, "--" ends them, -c4
 * -c 4 --count=4 --count 4, clusters of flags, unambiguous prefixes of long names. `operands` has room for argc
 * entries. */
enum opt_result opt_parse(const struct opt_tool *tool, int argc, char **argv, void *options, const char **operands,
			  int *operand_count, struct strbuf *text);

/* What an operand probably is, where it is none: a unit that stands apart from its number, or a value behind an
 * option that takes none. Adds the sentence; false: it may be an operand. `operand` is a word of argv. */
bool opt_explain_operand(const struct opt_tool *tool, char *const *argv, const char *operand, struct strbuf *text);

/* The same as --help. */
void opt_print_help(const struct opt_tool *tool, struct strbuf *out);

#endif
