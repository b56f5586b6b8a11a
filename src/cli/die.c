/* SPDX-License-Identifier: MIT */
/* Hides the form of an error line: the tool's name, a colon, the sentence, on stderr. */
#include "cli/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static __attribute__((format(printf, 2, 0))) void print_line(const char *tool, const char *format, va_list arguments)
{
	fprintf(stderr, "%s: ", tool);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
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
