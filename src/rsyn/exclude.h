/* SPDX-License-Identifier: MIT */
/* What is never probed, whatever else says. */
#ifndef RSYN_EXCLUDE_H
#define RSYN_EXCLUDE_H

#include <rprobe/rprobe.h>

#include "app/listfile.h"

/* Adds what the words name, to a set that is made where it is NULL: of a name all of its addresses. `path` is their
 * file; NULL: an option. One that cannot be understood or looked up ends the process: it would be probed. */
void exclude_words(struct rp_targets **excluded, const char *path, const struct listfile *words);

#endif
