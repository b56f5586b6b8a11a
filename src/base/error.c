/* SPDX-License-Identifier: MIT */
/* The words of an error: one sentence, cut when it is too long. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int error_set(struct rp_error *error, int result, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return result;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return result;
}

bool error_is_exhaustion(int result)
{
	return result == -ENOMEM || result == -EMFILE || result == -ENFILE;
}
