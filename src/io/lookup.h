/* SPDX-License-Identifier: MIT */
/* Looks many names up at once, by the system's resolver. The public rp_names_look_up() is implemented here. */
#ifndef IO_LOOKUP_H
#define IO_LOOKUP_H

#include <rprobe/rprobe.h>

/* A DNS name as text. */
#define LOOKUP_NAME_SIZE 256

/* What cannot be a name is refused before a resolver is asked: -EINVAL, with the reason. */
int lookup_check(const char *text, struct rp_error *error);

#endif
