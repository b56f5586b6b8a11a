/* SPDX-License-Identifier: MIT */
/* Text to a descriptor, all of it: short writes, interruptions and non-blocking terminals are waited out. */
#ifndef APP_STREAM_H
#define APP_STREAM_H

#include "base/strbuf.h"

/* Writes and clears the text. 0, or a negative errno value (-ENOSPC); -ENOMEM when the text had failed. */
int stream_write(int fd, struct strbuf *text);

/* The same to a regular file, in one call where possible: a process that is killed has written all of it or, mostly,
 * nothing. */
int stream_write_file(int fd, struct strbuf *text);

/* May text to this descriptor be coloured? A terminal that can, and nobody who said NO_COLOR (no-color.org). */
bool stream_has_colors(int fd);

#endif
