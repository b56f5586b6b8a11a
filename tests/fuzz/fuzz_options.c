/* SPDX-License-Identifier: MIT */
/*
 * Command lines: the first byte chooses the tool, each line is a word. Whatever the words, what is accepted
 * lies in the ranges of the table, and what is refused is said in a sentence that is safe on a terminal.
 */
#include "fuzz.h"

#include "opt/table.h"
#include "rping/opts.h"
#include "rsyn/opts.h"

#define WORDS 32

static bool is_word(char *const *argv, int argc, const char *pointer)
{
	for (int i = 0; i < argc; i++) {
		if (pointer >= argv[i] && pointer <= argv[i] + strlen(argv[i]))
			return true;
	}
	return false;
}

static bool is_choice(const struct opt *opt, int64_t value)
{
	for (const struct choice *choice = opt->choices; choice != NULL && choice->name != NULL; choice++) {
		if (choice->value == value)
			return true;
	}
	return false;
}

static void check_field(const struct opt *opt, const void *field, char *const *argv, int argc)
{
	switch (opt->kind) {
	case OPT_FLAG:
		check(*(const uint8_t *)field <= 1);
		break;
	case OPT_INT:
	case OPT_DURATION: {
		int64_t value = *(const int64_t *)field;
		bool untouched = opt->fallback == NULL && value == 0;
		check(untouched || (value >= opt->min && value <= opt_max(opt)) || is_choice(opt, value));
		break;
	}
	case OPT_TEXT: {
		const char *text = *(const char *const *)field;
		check(text == NULL || is_word(argv, argc, text));
		break;
	}
	case OPT_CHOICE: {
		int value = *(const int *)field;
		bool untouched = opt->fallback == NULL && value == 0;
		check(untouched || is_choice(opt, value));
		break;
	}
	case OPT_COUNT:
	case OPT_SET:
	case OPT_CALL:
	case OPT_HELP:
	case OPT_VERSION:
		break;
	}
}

static void parse(const struct opt_tool *tool, char **argv, int argc, void *options)
{
	const char *operands[WORDS];
	int count = -1;
	struct strbuf text;

	strbuf_init(&text);
	enum opt_result result = opt_parse(tool, argc, argv, options, operands, &count, &text);
	check(count >= 0 && count < argc && !text.failed);
	for (int i = 0, at = 1; i < count; i++, at++) {
		while (at < argc && argv[at] != operands[i])
			at++;
		check(at < argc); /* words of argv, in their order */
	}
	switch (result) {
	case OPT_RUN:
		check(text.length == 0);
		for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt))
			check_field(opt, (const char *)options + opt->offset, argv, argc);
		for (int i = 0; i < count; i++) {
			bool explained = opt_explain_operand(tool, argv, operands[i], &text);

			check(explained == (text.length > 0) && !text.failed);
			if (explained)
				fuzz_check_sentence(text.text);
			strbuf_clear(&text);
		}
		break;
	case OPT_EXIT:
		check(text.length > 0);
		break;
	case OPT_ERROR:
		check(text.length == strlen(text.text));
		fuzz_check_sentence(text.text);
		break;
	}
	strbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char name[] = "tool";
	char *argv[WORDS + 1] = {name};
	struct rping_options rping = {0};
	struct rsyn_options rsyn = {0};
	int argc = 1;

	if (length == 0)
		return 0;
	for (size_t at = 1, end; at < length && argc < WORDS; at = end + 1) {
		for (end = at; end < length && bytes[end] != '\n';)
			end++;
		argv[argc++] = fuzz_text(bytes + at, end - at);
	}
	if (bytes[0] & 1)
		parse(&rsyn_tool, argv, argc, &rsyn);
	else
		parse(&rping_tool, argv, argc, &rping);
	check(rping.common.config.pattern_length <= sizeof rping.common.config.pattern);
	strbuf_fini(&rping.common.require);
	strbuf_fini(&rsyn.common.require);
	while (argc > 1)
		free(argv[--argc]);
	return 0;
}
