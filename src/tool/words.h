/* SPDX-License-Identifier: MIT */
/* Words that a person listed, in a file or an option. What goes wrong ends the process. */
#ifndef TOOL_WORDS_H
#define TOOL_WORDS_H

#include <stddef.h>

struct words {
	char **list; /* owned, as each of them */
	size_t count;
};

/* `tool` is who says what went wrong. */
void words_add(struct words *words, const char *tool, const char *word);

/* The parts of a text, separated by commas. */
void words_split(struct words *words, const char *tool, const char *text);

/* Those of a file ("-": stdin): blanks and commas separate, '#' begins a comment. */
void words_read(struct words *words, const char *tool, const char *path);

void words_fini(struct words *words);

#endif
