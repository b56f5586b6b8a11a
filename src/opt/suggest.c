/* SPDX-License-Identifier: MIT */
/* Says what was probably meant by a word that is no option here, or no operand. The distance between two words is
 * how many letters were missed, added, exchanged or swapped with their neighbour (optimal string alignment). A third
 * of the word may be wrong, no more. */
#include "opt/table.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_NAME 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t row[LONGEST_NAME + 1][LONGEST_NAME + 1];

	for (size_t i = 0; i <= a_length; i++) {
		for (size_t j = 0; j <= b_length; j++) {
			if (i == 0 || j == 0) {
				row[i][j] = i + j;
				continue;
			}
			row[i][j] = least(row[i - 1][j], row[i][j - 1]) + 1;
			row[i][j] = least(row[i][j], row[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[i][j] = least(row[i][j], row[i - 2][j - 2] + 1);
		}
	}
	return row[a_length][b_length];
}

const char *opt_suggest(const struct opt_tool *tool, const char *typed)
{
	size_t length = strcspn(typed, "=");
	size_t best = (length + 2) / 3 + 1;
	const char *name = NULL;

	if (length > LONGEST_NAME)
		return NULL;
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt)) {
		size_t name_length = strlen(opt->name);
		size_t d;

		if (name_length > LONGEST_NAME)
			continue;
		d = distance(typed, length, opt->name, name_length);
		if (d < best) {
			best = d;
			name = opt->name;
		}
	}
	return name;
}

const char *opt_foreign_why(const struct opt_tool *tool, const char *typed)
{
	for (const struct opt_foreign *at = tool->foreign; at != NULL && at->word != NULL; at++) {
		size_t length = strcspn(at->word, "*");

		if (strncmp(at->word, typed, length) == 0 && (at->word[length] == '*' || typed[length] == '\0'))
			return at->why;
	}
	return NULL;
}

/* The entry that a word of the command line ends with: of a cluster its last letter. NULL: the word is no option. An
 * argument in the same word is left in `attached`, else NULL. */
static const struct opt *entry_of(const struct opt_tool *tool, const char *word, const char **attached)
{
	bool is_long = strncmp(word, "--", 2) == 0;
	size_t length = strcspn(word, "=");

	*attached = NULL;
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt)) {
		if (opt->alias && word[0] == '-' && strcmp(opt->alias, word + 1) == 0)
			return opt;
		if (is_long && length > 2 && strncmp(opt->name, word + 2, length - 2) == 0) {
			*attached = word[length] != '\0' ? word + length + 1 : NULL;
			return opt;
		}
	}
	if (is_long || word[0] != '-')
		return NULL;
	for (const char *letter = word + 1; *letter != '\0'; letter++)
		for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt)) {
			if (opt->letter != *letter || (letter[1] != '\0' && opt->argument == NULL))
				continue;
			*attached = letter[1] != '\0' ? letter + 1 : NULL;
			return opt;
		}
	return NULL;
}

static bool is_number(const char *word)
{
	return *word != '\0' && word[strspn(word, "0123456789.")] == '\0';
}

/* What could stand behind a number, and no host is called so. */
static bool is_unit(const char *word)
{
	static const char *const units[] = {"ns",     "us",      "ms", "s",   "sec",  "secs",
					    "second", "seconds", "m",  "min", "mins", "h"};

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strcmp(units[i], word) == 0)
			return true;
	return false;
}

/* Such a number is the address of no host: 0.0.0.3, 0.2; but 127.1 is one. Nor is a time: 200ms. */
static bool is_small_value(const char *word)
{
	size_t digits = strspn(word, "0123456789");
	bool fraction = word[digits] == '.';
	const char *unit = word + digits + (fraction ? 1 + strspn(word + digits + 1, "0123456789") : 0);

	if (digits == 0 || digits > 5)
		return false;
	if (*unit == '\0')
		return !fraction || (digits == 1 && *word == '0');
	return is_unit(unit) && strlen(unit) <= 2;
}

bool opt_explain_operand(const struct opt_tool *tool, char *const *argv, const char *operand, struct strbuf *text)
{
	const struct opt *opt;
	const char *attached;
	size_t at = 1;

	while (argv[at] != NULL && argv[at] != operand)
		at++;
	if (argv[at] == NULL || at < 2)
		return false;
	const char *before = argv[at - 1];
	if (is_unit(operand) &&
	    (is_number(before) || (entry_of(tool, before, &attached) && attached && is_number(attached)))) {
		opt = entry_of(tool, is_number(before) ? argv[at - 2] : before, &attached);
		if (opt == NULL || opt->kind != OPT_DURATION)
			return false;
		const char *word = is_number(before) ? argv[at - 2] : before;

		strbuf_add_escaped(text, word);
		strbuf_addf(text, ": '%s' stands apart from its number: write '%s%s', without a blank", operand,
			    attached && !is_number(before) ? attached : before, operand);
		return true;
	}
	opt = entry_of(tool, before, &attached);
	if (opt == NULL || opt->argument != NULL || !is_small_value(operand))
		return false;
	strbuf_addf(text, "'%s' stands behind ", operand);
	strbuf_add_escaped(text, before);
	strbuf_add(text, ", which takes no argument");
	return true;
}
