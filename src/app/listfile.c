/* SPDX-License-Identifier: MIT */
/* Reads lists: what separates words, what is a comment, and what is no text. */
#include "app/listfile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/die.h"
#include "app/files.h"
#include "app/interim.h"
#include "base/array.h"

static void add(struct listfile *words, const char *tool, const char *text, uint32_t line)
{
	struct listfile_entry *grown = array_grow(words->list, words->count, &words->room, sizeof *grown);
	char *copy = strdup(text);

	if (grown == NULL || copy == NULL)
		die(tool, "out of memory");
	words->list = grown;
	words->list[words->count++] = (struct listfile_entry){copy, line};
}

/* Commas separate as blanks do; but behind a colon, up to the next one, they stand between ports: a:1,2,b:3. */
static void add_parts(struct listfile *words, const char *tool, char *text, uint32_t line)
{
	while (*text != '\0') {
		size_t length = strcspn(text, ",");
		bool pair = memchr(text, ':', length) != NULL;

		while (pair && text[length] == ',') {
			size_t next = strcspn(text + length + 1, ",:");

			if (text[length + 1 + next] == ':')
				break;
			length += 1 + next;
		}
		bool last = text[length] == '\0';

		text[length] = '\0';
		if (length > 0)
			add(words, tool, text, line);
		text += length + !last;
	}
}

void listfile_split(struct listfile *words, const char *tool, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		die(tool, "out of memory");
	add_parts(words, tool, copy, 0);
	free(copy);
}

/* An editor's UTF-16, a binary file: what a reader stops at would be lost with the rest of its line, and what it
 * excludes be probed. NULL: it is text. */
static const char *not_text(const char *line, size_t length)
{
	if (length >= 2 && (memcmp(line, "\xff\xfe", 2) == 0 || memcmp(line, "\xfe\xff", 2) == 0))
		return "UTF-16; save it as UTF-8";
	if (memchr(line, '\0', length) != NULL)
		return "a NUL byte, as in UTF-16 and in binary files; save it as UTF-8";
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)line[i] < ' ' && strchr("\t\n\v\f\r", line[i]) == NULL) || line[i] == '\x7f')
			return "a control character";
	return NULL;
}

void listfile_read(struct listfile *words, const char *tool, const char *option, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	interim_prepare(); /* a terminal or a pipe may keep us waiting */
	file = standard ? stdin : fopen(path, "re");
	if (file == NULL)
		files_die(tool, option, path, errno, "<");
	for (uint32_t number = 1; (length = getline(&line, &size, file)) >= 0; number++) {
		bool marked = number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0; /* as UTF-8, by some editors */
		char *rest = line + (marked ? 3 : 0);
		const char *why = not_text(line, (size_t)length);

		if (why != NULL)
			die(tool, "%s, line %" PRIu32 ": not text: %s", path, number, why);
		rest[strcspn(rest, "#")] = '\0';
		for (char *word; (word = strtok_r(rest, " \t\r\n\v\f", &rest)) != NULL;)
			add_parts(words, tool, word, number);
	}
	if (ferror(file))
		die(tool, "%s: %s", path, strerror(errno));
	free(line);
	if (!standard)
		fclose(file);
}

void listfile_fini(struct listfile *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i].text);
	free(words->list);
}
