/* SPDX-License-Identifier: MIT */
/* The one way a tool ends with an error: "rping: sentence" on stderr, exit 2. For main.c only. */
#ifndef APP_DIE_H
#define APP_DIE_H

#define EXIT_USAGE 2

_Noreturn void die(const char *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));
void warn(const char *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
