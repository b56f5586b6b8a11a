/* SPDX-License-Identifier: MIT */
/* Many names at once, by the system's resolver, which blocks. */
#ifndef IO_LOOKUP_H
#define IO_LOOKUP_H

#include <rprobe/rprobe.h>

struct lookup {
	const char *name; /* NULL: nothing is to be looked up */
	int result;       /* 0, or an error as of resolve_name() */
	struct rp_addr address;
	char *text; /* the canonical name, or what is wrong; owned; NULL with -ENOMEM */
};

/* Looks all up side by side; after an error only those before it are sure to be, unless `all` is set. Its threads are over
 * when it returns. */
void lookup_run(struct lookup *list, size_t count, bool all);

/* Frees what the lookups own. */
void lookup_fini(struct lookup *list, size_t count);

#endif
