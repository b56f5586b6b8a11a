/* SPDX-License-Identifier: MIT */
/* Words that a person listed, in a file or an option. What goes wrong ends the process. */
#ifndef APP_LISTFILE_H
#define APP_LISTFILE_H

#include <stddef.h>
#include <stdint.h>

struct listfile_entry {
	char *text;    /* owned */
	uint32_t line; /* of the file, from 1; 0: of an option */
};

struct listfile {
	struct listfile_entry *list; /* owned */
	size_t count, room;
};

/* The parts of a text, separated by commas. `tool` is who says what went wrong. */
void listfile_split(struct listfile *words, const char *tool, const char *text);

/* Those of a file ("-": stdin): blanks and commas separate, '#' begins a comment. A file that is not text is refused.
 * `option` named it. */
void listfile_read(struct listfile *words, const char *tool, const char *option, const char *path);

void listfile_fini(struct listfile *words);

#endif
