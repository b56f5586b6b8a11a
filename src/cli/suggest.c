/* SPDX-License-Identifier: MIT */
/* Hides the distance between two words: how many letters were missed, added, exchanged or swapped with
 * their neighbour (optimal string alignment). A third of the word may be wrong, no more. */
#include "cli/suggest.h"

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
	for (const struct opt *opt = tool->table; opt->name; opt++) {
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
