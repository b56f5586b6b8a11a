/* SPDX-License-Identifier: MIT */
/* Hides the notation of lists. */
#include "tool/words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/die.h"

void words_add(struct words *words, const char *tool, const char *word)
{
	/* It grows when the count is a power of two. */
	if ((words->count & (words->count - 1)) == 0) {
		char **grown = realloc(words->list, (2 * words->count + 1) * sizeof *grown);

		if (grown == NULL)
			die(tool, "out of memory");
		words->list = grown;
	}
	char *copy = strdup(word);
	if (copy == NULL)
		die(tool, "out of memory");
	words->list[words->count++] = copy;
}

/* Commas separate as blanks do; but behind a colon, up to the next one, they stand between ports: a:1,2,b:3. */
static void add_parts(struct words *words, const char *tool, char *text)
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
			words_add(words, tool, text);
		text += length + !last;
	}
}

void words_split(struct words *words, const char *tool, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		die(tool, "out of memory");
	add_parts(words, tool, copy);
	free(copy);
}

void words_read(struct words *words, const char *tool, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		die(tool, "%s: %s", path, strerror(errno));
	for (bool first = true; getline(&line, &size, file) >= 0; first = false) {
		bool marked = first && strncmp(line, "\xef\xbb\xbf", 3) == 0; /* as UTF-8, by some editors */
		char *rest = line + (marked ? 3 : 0);

		rest[strcspn(rest, "#")] = '\0';
		for (char *word; (word = strtok_r(rest, " \t\r\n", &rest)) != NULL;)
			add_parts(words, tool, word);
	}
	if (ferror(file))
		die(tool, "%s: %s", path, strerror(errno));
	free(line);
	if (!standard)
		fclose(file);
}

void words_fini(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
}
