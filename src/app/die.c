/* SPDX-License-Identifier: MIT */
/*
 * Prints an error as one line on stderr: the tool's name, a colon, the sentence. Sentences quote operands, paths and
 * lines of files, so control characters are escaped here, where all of them pass.
 */
#include "app/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"

#define SENTENCE_SIZE 8192 /* a longer one is cut */

static __attribute__((format(printf, 2, 0))) void print_line(const char *tool, const char *format, va_list arguments)
{
	char sentence[SENTENCE_SIZE];
	struct strbuf safe;

	vsnprintf(sentence, sizeof sentence, format, arguments);
	strbuf_init(&safe);
	strbuf_add_sentence(&safe, sentence);
	fprintf(stderr, "%s: %s\n", tool, safe.failed ? "out of memory" : safe.text);
	strbuf_fini(&safe);
}

void warn(const char *tool, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(tool, format, arguments);
	va_end(arguments);
}

void die(const char *tool, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(tool, format, arguments);
	va_end(arguments);
	exit(EXIT_USAGE);
}
