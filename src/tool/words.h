/* SPDX-License-Identifier: MIT */
/* Words that a person listed, in a file or an option. What goes wrong ends the process. */
#ifndef TOOL_WORDS_H
#define TOOL_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct word {
	char *text;    /* owned */
	uint32_t line; /* of the file, from 1; 0: of an option */
};

struct words {
	struct word *list; /* owned */
	size_t count;
};

/* The parts of a text, separated by commas. `tool` is who says what went wrong. */
void words_split(struct words *words, const char *tool, const char *text);

/* Those of a file ("-": stdin): blanks and commas separate, '#' begins a comment. A file that is not text is refused.
 * `option` named it. */
void words_read(struct words *words, const char *tool, const char *option, const char *path);

void words_fini(struct words *words);

#endif
