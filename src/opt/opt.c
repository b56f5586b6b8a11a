/* SPDX-License-Identifier: MIT */
/* Parses an argument vector into a struct. Defaults go through the same store() as arguments do. */
#include "opt/opt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "base/num.h"
#include "opt/table.h"

struct parser {
	const struct opt_tool *tool;
	void *options;
	int argc;
	char **argv;
	int at; /* the next word */
	struct strbuf *text;
};

static enum opt_result unknown(struct parser *parser, const char *spelled)
{
	const char *name = strncmp(spelled, "--", 2) == 0 ? opt_suggest(parser->tool, spelled + 2) : NULL;
	const char *why = opt_foreign_why(parser->tool, spelled);

	strbuf_add(parser->text, "unknown option '");
	strbuf_add_escaped(parser->text, spelled);
	strbuf_add_char(parser->text, '\'');
	if (why) {
		strbuf_addf(parser->text, ": %s", why);
		return OPT_ERROR;
	}
	if (name)
		strbuf_addf(parser->text, ": did you mean '--%s'?", name);
	strbuf_addf(parser->text, " (%s --help lists all)", parser->tool->name);
	return OPT_ERROR;
}

static enum opt_result refuse(struct parser *parser, const char *spelled, const char *argument, const char *why)
{
	strbuf_addf(parser->text, "%s: invalid argument: '", spelled);
	strbuf_add_escaped(parser->text, argument);
	strbuf_addf(parser->text, "': %s", why);
	return OPT_ERROR;
}

/* The sentence that says what would have been allowed. */
static enum opt_result refuse_value(struct parser *parser, const struct opt *opt, const char *spelled,
				    const char *argument, int error)
{
	bool duration = opt->kind == OPT_DURATION;
	char low[NS_TEXT_SIZE], high[NS_TEXT_SIZE];

	if (error == -EINVAL) {
		refuse(parser, spelled, argument,
		       duration ? "not a time (seconds, or with a unit: 10ms, 1.5s, 2m)" : "not a whole number");
	} else {
		refuse(parser, spelled, argument, "out of range: ");
		strbuf_addf(parser->text, "%s <= %s <= %s", opt_bound_text(opt, opt->min, low),
			    duration ? "seconds" : "value", opt_bound_text(opt, opt_max(opt), high));
	}
	if (opt->choices) {
		strbuf_add(parser->text, ", or '");
		opt_add_choices(parser->text, opt, "', '");
		strbuf_add_char(parser->text, '\'');
	}
	return OPT_ERROR;
}

static enum opt_result store_number(struct parser *parser, const struct opt *opt, const char *spelled,
				    const char *argument, int64_t *field)
{
	int64_t value;
	int error;

	for (const struct choice *word = opt->choices; word && word->name; word++) {
		if (strcmp(word->name, argument) == 0) {
			*field = word->value;
			return OPT_RUN;
		}
	}
	/* The whole range is asked for first: -1 is then out of range and not "not a number". */
	if (opt->kind == OPT_DURATION)
		error = ns_parse(argument, NS_PER_S, &value);
	else
		error = num_parse_i64(argument, INT64_MIN, INT64_MAX, &value);
	if (error == 0 && (value < opt->min || value > opt_max(opt)))
		error = -ERANGE;
	if (error)
		return refuse_value(parser, opt, spelled, argument, error);
	*field = value;
	return OPT_RUN;
}

static enum opt_result store_choice(struct parser *parser, const struct opt *opt, const char *spelled,
				    const char *argument, int *field)
{
	int value = choice_value(opt->choices, argument);

	if (value < 0) {
		refuse(parser, spelled, argument, "allowed: ");
		opt_add_choices(parser->text, opt, ", ");
		return OPT_ERROR;
	}
	*field = value;
	return OPT_RUN;
}

static enum opt_result store_call(struct parser *parser, const struct opt *opt, const char *spelled,
				  const char *argument)
{
	struct opt_call call = {.opt = opt, .options = parser->options, .argument = argument};

	if (opt->call(&call) == 0)
		return OPT_RUN;
	return refuse(parser, spelled, argument ? argument : "", call.error.text);
}

static enum opt_result store_text(struct parser *parser, const struct opt *opt, const char *spelled,
				  const char *argument, const char **field)
{
	if (opt->again && *field) {
		strbuf_addf(parser->text, "%s is there twice: %s", spelled, opt->again);
		return OPT_ERROR;
	}
	if (*argument == '\0')
		return refuse(parser, spelled, argument, "it is empty");
	if (opt->complete == OPT_COMPLETE_FILE && argument[0] == '-' && argument[1] != '\0')
		return refuse(parser, spelled, argument,
			      "is the file's name missing? one that begins so is written ./-NAME");
	*field = argument;
	return OPT_RUN;
}

/* `spelled` is the option as messages name it; `argument` is NULL exactly when the entry takes none. */
static enum opt_result store(struct parser *parser, const struct opt *opt, const char *spelled, const char *argument)
{
	void *field = (char *)parser->options + opt->offset;

	switch (opt->kind) {
	case OPT_FLAG:
		*(bool *)field = true;
		return OPT_RUN;
	case OPT_COUNT:
		++*(unsigned *)field;
		return OPT_RUN;
	case OPT_INT:
	case OPT_DURATION:
		return store_number(parser, opt, spelled, argument, field);
	case OPT_TEXT:
		return store_text(parser, opt, spelled, argument, field);
	case OPT_CHOICE:
		return store_choice(parser, opt, spelled, argument, field);
	case OPT_SET:
		*(int *)field = opt->value;
		return OPT_RUN;
	case OPT_CALL:
		return store_call(parser, opt, spelled, argument);
	case OPT_HELP:
		opt_print_help(parser->tool, parser->text);
		return OPT_EXIT;
	case OPT_VERSION:
		strbuf_add(parser->text, parser->tool->version);
		return OPT_EXIT;
	}
	return OPT_RUN;
}

/* Where a wrong number stands it is refused, and not taken for an operand. */
static bool could_be_argument(const struct opt *opt, const char *word)
{
	const char *digits = word + (*word == '-');
	int64_t value;

	if (word[0] == '\0' || (digits[0] >= '0' && digits[0] <= '9' && digits[strspn(digits, "0123456789")] == '\0'))
		return true;
	if (opt->kind == OPT_INT)
		return num_parse_i64(word, INT64_MIN, INT64_MAX, &value) == 0;
	if (opt->kind == OPT_DURATION)
		return ns_parse(word, NS_PER_S, &value) == 0;
	return opt->kind == OPT_CHOICE && choice_value(opt->choices, word) >= 0;
}

/* The argument may be left out, and the next word is none. */
static bool is_left_out(const struct parser *parser, const struct opt *opt)
{
	if (opt->optional == NULL || parser->at >= parser->argc)
		return opt->optional != NULL;
	return !opt->optional_last && !could_be_argument(opt, parser->argv[parser->at]);
}

/* Takes the next word as the argument unless one was attached. */
static enum opt_result store_next(struct parser *parser, const struct opt *opt, const char *spelled,
				  const char *attached)
{
	if (!opt->argument || attached)
		return store(parser, opt, spelled, attached);
	if (is_left_out(parser, opt))
		return store(parser, opt, spelled, opt->optional);
	if (parser->at < parser->argc)
		return store(parser, opt, spelled, parser->argv[parser->at++]);
	strbuf_addf(parser->text, "option '%s' needs an argument: %s", spelled, opt->argument);
	return OPT_ERROR;
}

static enum opt_result ambiguous(struct parser *parser, const char *name, size_t length)
{
	const char *separator = ": ";

	strbuf_addf(parser->text, "option '--%.*s' is ambiguous", (int)length, name);
	for (const struct opt *opt = opt_first(parser->tool); opt; opt = opt_next(parser->tool, opt)) {
		if (strncmp(opt->name, name, length) == 0) {
			strbuf_addf(parser->text, "%s'--%s'", separator, opt->name);
			separator = ", ";
		}
	}
	return OPT_ERROR;
}

/* --name, --name=argument, --name argument; `word` is what stands after the dashes. */
static enum opt_result parse_long(struct parser *parser, const char *word)
{
	size_t length = strcspn(word, "=");
	const char *attached = word[length] ? word + length + 1 : NULL;
	const struct opt *found = NULL;
	unsigned candidates = 0;
	char spelled[64];

	for (const struct opt *opt = opt_first(parser->tool); opt; opt = opt_next(parser->tool, opt)) {
		if (strncmp(opt->name, word, length) != 0)
			continue;
		found = opt;
		candidates++;
		if (opt->name[length] == '\0') {
			candidates = 1;
			break;
		}
	}
	if (!found || length == 0)
		return unknown(parser, word - 2);
	if (candidates > 1)
		return ambiguous(parser, word, length);
	snprintf(spelled, sizeof(spelled), "--%s", found->name);
	if (attached && !found->argument) {
		strbuf_addf(parser->text, "option '%s' takes no argument: '", spelled);
		strbuf_add_escaped(parser->text, attached);
		strbuf_add_char(parser->text, '\'');
		return OPT_ERROR;
	}
	return store_next(parser, found, spelled, attached);
}

static const struct opt *find_letter(const struct opt_tool *tool, char letter)
{
	for (const struct opt_group *group = tool->groups; group->options; group++)
		for (const struct opt *opt = group->options; opt->name; opt++)
			if (opt->letter == letter)
				return opt;
	return NULL;
}

/* A cluster of letters; the first that takes an argument takes the rest of the word. Where none is known the word
 * was meant as a whole: -sU, -oS. */
static enum opt_result parse_cluster(struct parser *parser, const char *word)
{
	enum opt_result result = OPT_RUN;

	for (const char *letters = word + 1; *letters && result == OPT_RUN; letters++) {
		const char spelled[] = {'-', *letters, '\0'};
		const struct opt *opt = find_letter(parser->tool, *letters);

		if (!opt)
			return unknown(parser, letters == word + 1 ? word : spelled);
		if (opt->argument)
			return store_next(parser, opt, spelled, letters[1] ? letters + 1 : NULL);
		result = store(parser, opt, spelled, NULL);
	}
	return result;
}

static enum opt_result parse_option(struct parser *parser, const char *word)
{
	if (word[1] == '-')
		return parse_long(parser, word + 2);
	/* Whole words first: -iL is not -i with the argument L. */
	for (const struct opt_group *group = parser->tool->groups; group->options; group++)
		for (const struct opt *opt = group->options; opt->name; opt++)
			if (opt->alias && strcmp(opt->alias, word + 1) == 0)
				return store_next(parser, opt, word, NULL);
	return parse_cluster(parser, word);
}

static enum opt_result store_defaults(struct parser *parser)
{
	enum opt_result result = OPT_RUN;

	for (const struct opt_group *group = parser->tool->groups; group->options; group++)
		for (const struct opt *opt = group->options; opt->name && result == OPT_RUN; opt++)
			if (opt->fallback)
				result = store(parser, opt, opt->name, opt->fallback);
	return result;
}

enum opt_result opt_parse(const struct opt_tool *tool, int argc, char **argv, void *options, const char **operands,
			  int *operand_count, struct strbuf *text)
{
	struct parser parser = {.tool = tool, .options = options, .argc = argc, .argv = argv, .at = 1, .text = text};
	enum opt_result result = store_defaults(&parser);
	bool only_operands = false;

	*operand_count = 0;
	while (result == OPT_RUN && parser.at < argc) {
		const char *word = argv[parser.at++];

		if (only_operands || word[0] != '-' || word[1] == '\0')
			operands[(*operand_count)++] = word;
		else if (strcmp(word, "--") == 0)
			only_operands = true;
		else
			result = parse_option(&parser, word);
	}
	return result;
}
