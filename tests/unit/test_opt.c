/* SPDX-License-Identifier: MIT */
/* The option table engine, on a table of its own: what is typed, what is filled, what is refused and how. */
#include <stdio.h>

#include "unit.h"

#include "base/error.h"
#include "base/ns.h"
#include "completions/forms.h"

enum colour {
	RED = 7,
	BLUE = 9,
};

struct things {
	bool flag;
	bool other;
	unsigned verbose;
	int64_t count;
	int64_t timeout;
	int64_t width;
	const char *file;
	int colour;
	char called[16];
};

static const struct choice colours[] = {{"red", RED}, {"blue", BLUE}, {NULL, 0}};
static const struct choice words[] = {{"auto", -1}, {NULL, 0}};

static int call(struct opt_call *call)
{
	struct things *things = call->options;

	if (call->argument && strcmp(call->argument, "bad") == 0)
		return error_set(&call->error, -1, "it is %s", "bad");
	snprintf(things->called, sizeof(things->called), "%s", call->argument ? call->argument : "(none)");
	return 0;
}

#define AT(field) offsetof(struct things, field)

/* clang-format off */
static const struct opt first[] = {
	{.letter = 'f', .name = "flag", .kind = OPT_FLAG, .offset = AT(flag), .help = "a flag"},
	{.letter = 'o', .name = "other", .kind = OPT_FLAG, .offset = AT(other), .help = "another"},
	{.letter = 'v', .name = "verbose", .kind = OPT_COUNT, .offset = AT(verbose), .help = "it's [more]"},
	{.name = NULL},
};
static const struct opt numbers[] = {
	{.letter = 'c', .name = "count", .kind = OPT_INT, .offset = AT(count), .argument = "N", .min = 1,
	 .help = "how many"},
	{.letter = 't', .name = "timeout", .kind = OPT_DURATION, .offset = AT(timeout), .argument = "SECONDS",
	 .fallback = "1.5", .min = 10 * NS_PER_US, .max = 100 * NS_PER_S, .choices = words, .help = "how long"},
	{.letter = 'i', .name = "width", .kind = OPT_INT, .offset = AT(width), .argument = "N", .fallback = "80",
	 .max = 255, .help = "how wide"},
	{.name = NULL},
};
static const struct opt others[] = {
	{.alias = "iL", .name = "list", .kind = OPT_TEXT, .offset = AT(file), .argument = "FILE",
	 .complete = OPT_COMPLETE_FILE, .again = "join them", .help = "a file"},
	{.name = "list-all", .kind = OPT_CALL, .call = call, .help = "no argument"},
	{.letter = 'x', .name = "extra", .kind = OPT_CALL, .call = call, .argument = "WHAT",
	 .help = "checked by a function"},
	{.name = "colour", .kind = OPT_CHOICE, .offset = AT(colour), .argument = "NAME", .fallback = "blue",
	 .choices = colours, .help = "in which colour", .manual = ".A \\ at 'the' start. Then. .more"},
	{.letter = 'r', .name = "red", .kind = OPT_SET, .offset = AT(colour), .value = RED,
	 .help = "the same as --colour red"},
	{.letter = 'h', .name = "help", .kind = OPT_HELP, .help = "this"},
	{.letter = 'V', .name = "version", .kind = OPT_VERSION, .help = "which"},
	{.name = NULL},
};
/* clang-format on */
static const struct opt_group groups[] = {{"A", first}, {"A", numbers}, {"B", others}, {NULL, NULL}};

static const struct opt_tool tool = {
	.name = "tool",
	.operands = "THING",
	.summary = "Does things.",
	.operand_complete = OPT_COMPLETE_HOST,
	.groups = groups,
	.epilogue = "The end.\n",
	.version = "tool 7\n",
};

static struct things things;
static const char *operands[16];
static int operand_count;
static char text[8192];

/* Parses a line, split at blanks; "_" stands for an empty word. */
static enum opt_result parse(const char *line)
{
	static char copy[256];
	char empty[] = "", name[] = "tool";
	char *argv[16] = {name};
	int argc = 1;
	struct strbuf buffer;
	enum opt_result result;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "_") == 0 ? empty : word;
	memset(&things, 0, sizeof(things));
	strbuf_init(&buffer);
	result = opt_parse(&tool, argc, argv, &things, operands, &operand_count, &buffer);
	assert_false(buffer.failed);
	snprintf(text, sizeof(text), "%s", buffer.text ? buffer.text : "");
	strbuf_fini(&buffer);
	return result;
}

#define assert_runs(line) assert_int_equal(parse(line), OPT_RUN)

static void assert_refused(const char *line, const char *sentence)
{
	assert_int_equal(parse(line), OPT_ERROR);
	assert_string_equal(text, sentence);
}

TEST(defaults)
{
	assert_runs("");
	assert_int_equal(operand_count, 0);
	assert_int_equal(things.timeout, 1500000000);
	assert_int_equal(things.width, 80);
	assert_int_equal(things.colour, BLUE);
	assert_int_equal(things.count, 0);
	assert_null(things.file);
	assert_string_equal(text, "");
}

TEST(forms_of_an_argument)
{
	static const char *const lines[] = {"-c 4",  "-c4",    "--count 4", "--count=4",  "--cou 4",  "--cou=4", "-fc4",
					    "-fc 4", "-c 0x4", "-c 9 -c 4", "--cou 4 --", "one -c 4", "-c4 one"};
	for (size_t i = 0; i < LENGTH_OF(lines); i++) {
		assert_runs(lines[i]);
		assert_int_equal(things.count, 4);
	}
}

TEST(flags)
{
	assert_runs("-fvov --verbose");
	assert_true(things.flag && things.other);
	assert_int_equal(things.verbose, 3);
	assert_runs("--flag");
	assert_true(things.flag && !things.other);
}

TEST(operands)
{
	assert_runs("one -f - two -- -c --flag");
	assert_int_equal(operand_count, 5);
	assert_string_equal(operands[0], "one");
	assert_string_equal(operands[1], "-");
	assert_string_equal(operands[2], "two");
	assert_string_equal(operands[3], "-c");
	assert_string_equal(operands[4], "--flag");
	assert_true(things.flag);
	assert_int_equal(things.count, 0);
}

TEST(text)
{
	assert_runs("--list=a=b");
	assert_string_equal(things.file, "a=b");
	assert_runs("--list - one");
	assert_string_equal(things.file, "-");
	assert_int_equal(operand_count, 1);
	assert_refused("--list=", "--list: invalid argument: '': it is empty");
	assert_refused("--list -- one",
		       "--list: invalid argument: '--': is the file's name missing? one that begins so is "
		       "written ./-NAME");
}

/* A name of several letters is a whole word: -iL is not -i with the argument L, and -i4 stays -i. */
TEST(alias)
{
	assert_runs("-iL - -i4");
	assert_string_equal(things.file, "-");
	assert_int_equal(things.width, 4);
	assert_refused("-iLx", "-i: invalid argument: 'Lx': not a whole number");
	assert_refused("-iL", "option '-iL' needs an argument: FILE");
}

TEST(durations)
{
	assert_runs("-t 0.25");
	assert_int_equal(things.timeout, 250000000);
	assert_runs("-t 250ms");
	assert_int_equal(things.timeout, 250000000);
	assert_runs("-t 0.00001");
	assert_int_equal(things.timeout, 10000);
	assert_runs("-t auto");
	assert_int_equal(things.timeout, -1);
	assert_refused("-t 0", "-t: invalid argument: '0': out of range: 0.00001 <= seconds <= 100, or 'auto'");
	assert_refused("-t -1", "-t: invalid argument: '-1': out of range: 0.00001 <= seconds <= 100, or 'auto'");
	assert_refused("--timeout=101",
		       "--timeout: invalid argument: '101': out of range: 0.00001 <= seconds <= 100, or 'auto'");
	assert_refused("-t 0,5", "-t: invalid argument: '0,5': not a time (seconds, or with a unit: 10ms, 1.5s, 2m), "
				 "or 'auto'");
	assert_refused("-t nan", "-t: invalid argument: 'nan': not a time (seconds, or with a unit: 10ms, 1.5s, 2m), "
				 "or 'auto'");
}

TEST(numbers)
{
	assert_runs("-c 9223372036854775807");
	assert_int_equal(things.count, INT64_MAX);
	assert_runs("-i 0");
	assert_int_equal(things.width, 0);
	assert_runs("-i 255");
	assert_int_equal(things.width, 255);
	assert_refused("-c 0", "-c: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807");
	assert_refused("-c -1", "-c: invalid argument: '-1': out of range: 1 <= value <= 9223372036854775807");
	assert_refused("-c 9223372036854775808", "-c: invalid argument: '9223372036854775808': out of range: "
						 "1 <= value <= 9223372036854775807");
	assert_refused("--width=256", "--width: invalid argument: '256': out of range: 0 <= value <= 255");
	assert_refused("--wid 256", "--width: invalid argument: '256': out of range: 0 <= value <= 255");
	assert_refused("-c 1x", "-c: invalid argument: '1x': not a whole number");
	assert_refused("-c _", "-c: invalid argument: '': not a whole number");
	assert_refused("-c \x1b[31m", "-c: invalid argument: '\\x1b[31m': not a whole number");
}

TEST(choices_and_calls)
{
	assert_runs("--colour blue -r");
	assert_int_equal(things.colour, RED);
	assert_runs("--colour red");
	assert_int_equal(things.colour, RED);
	assert_refused("--colour=green", "--colour: invalid argument: 'green': allowed: red, blue");
	assert_runs("-xgood");
	assert_string_equal(things.called, "good");
	assert_runs("--list-all");
	assert_string_equal(things.called, "(none)");
	assert_refused("-x bad", "-x: invalid argument: 'bad': it is bad");
}

TEST(unknown)
{
	assert_refused("--cuont", "unknown option '--cuont': did you mean '--count'? (tool --help lists all)");
	assert_refused("--verbos3", "unknown option '--verbos3': did you mean '--verbose'? (tool --help lists all)");
	assert_refused("--zzzzzz", "unknown option '--zzzzzz' (tool --help lists all)");
	assert_refused("--count4", "unknown option '--count4': did you mean '--count'? (tool --help lists all)");
	assert_refused("-iL a --list b", "--list is there twice: join them");
	assert_refused("-fZ", "unknown option '-Z' (tool --help lists all)");
	assert_refused("-Zf", "unknown option '-Zf' (tool --help lists all)");
	assert_refused("--=4", "unknown option '--=4' (tool --help lists all)");
	assert_refused(
		"--an-option-longer-than-every-option-that-any-table-has",
		"unknown option '--an-option-longer-than-every-option-that-any-table-has' (tool --help lists all)");
}

TEST(prefixes)
{
	assert_refused("--ver", "option '--ver' is ambiguous: '--verbose', '--version'");
	assert_refused("--co=1", "option '--co' is ambiguous: '--count', '--colour'");
	assert_runs("--list name"); /* whole, although --list-all begins so, too */
	assert_string_equal(things.file, "name");
	assert_runs("--list-");
	assert_string_equal(things.called, "(none)");
}

TEST(arguments_where_none_belong)
{
	assert_refused("--flag=1", "option '--flag' takes no argument: '1'");
	assert_refused("--list-all=1", "option '--list-all' takes no argument: '1'");
	assert_refused("--count", "option '--count' needs an argument: N");
	assert_refused("one -c", "option '-c' needs an argument: N");
}

TEST(help_and_version)
{
	assert_int_equal(parse("-f --version -c 0"), OPT_EXIT);
	assert_string_equal(text, "tool 7\n");
	assert_int_equal(parse("-fh"), OPT_EXIT);
	assert_string_equal(text, "Usage: tool [OPTION]... THING\n"
				  "Does things.\n"
				  "\n"
				  "A:\n"
				  "  -f, --flag                 a flag\n"
				  "  -o, --other                another\n"
				  "  -v, --verbose              it's [more]\n"
				  "  -c, --count N              how many\n"
				  "  -t, --timeout SECONDS      how long (default 1.5)\n"
				  "  -i, --width N              how wide (default 80)\n"
				  "\n"
				  "B:\n"
				  "  -iL, --list FILE           a file\n"
				  "      --list-all             no argument\n"
				  "  -x, --extra WHAT           checked by a function\n"
				  "      --colour NAME          in which colour: red, blue (default blue)\n"
				  "  -r, --red                  the same as --colour red\n"
				  "  -h, --help                 this\n"
				  "  -V, --version              which\n"
				  "\n"
				  "The end.\n");
}

static void print(void (*form)(const struct opt_tool *, struct strbuf *))
{
	struct strbuf buffer;

	strbuf_init(&buffer);
	form(&tool, &buffer);
	assert_false(buffer.failed);
	assert_true(buffer.length < sizeof(text));
	snprintf(text, sizeof(text), "%s", buffer.text);
	strbuf_fini(&buffer);
}

static void assert_has(const char *piece)
{
	if (!strstr(text, piece))
		fail_msg("no \"%s\" in:\n%s", piece, text);
}

TEST(manual)
{
	print(form_manual);
	assert_has(".SS A\n.TP\n\\fB\\-f\\fR, \\fB\\-\\-flag\\fR\nA flag.\n");
	assert_has("\\fB\\-\\-count\\fR \\fIN\\fR\nHow many.\nRange: from 1.\n");
	assert_has("How long.\nRange in seconds: 0.00001 to 100; or auto.\nDefault: 1.5.\n");
	assert_has("\\fB\\-iL\\fR, \\fB\\-\\-list\\fR \\fIFILE\\fR\n");
	assert_has("In which colour.\n\\&.A \\e at \\(aqthe\\(aq start.\nThen.\n\\&.more\nOne of: red, blue.\nDefault: "
		   "blue.\n");
}

/* What the shells make of them is tests/e2e/test_completions.py's; here: quotes do not end a quoted text. */
TEST(completions)
{
	print(form_zsh);
	assert_has("'*-v[it'\\''s \\[more\\]]'");
	assert_has(":NAME:(red blue)'");
	print(form_fish);
	assert_has("complete -c tool -s v -l verbose -d 'it\\'s [more]'\n");
	assert_has("complete -c tool -o iL -l list -r -F -d 'a file'\n");
	print(form_bash);
	assert_has("\t-iL | --list)\n");
	assert_has("complete -F _tool tool\n");
}
