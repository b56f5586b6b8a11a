/* SPDX-License-Identifier: MIT */
/* Looks many names up at once, by the system's resolver. */
#ifndef IO_LOOKUP_H
#define IO_LOOKUP_H

#include <rprobe/rprobe.h>

struct lookup {
	const char *name; /* borrowed; NULL: nothing is to be looked up */
	int result;       /* 0, or an error as of resolve_name() */
	struct rp_addr address;
	char *text; /* owned: the canonical name, or what is wrong; NULL: no memory, or not looked up */
};

/* Looks all up side by side. With `all` a name that fails stops nothing; without, those behind it may be left out:
 * their text is NULL. The threads that it starts have ended when it returns. */
void lookup_run(struct lookup *list, size_t count, bool all);

/* Frees what the lookups own. */
void lookup_fini(struct lookup *list, size_t count);

#endif
