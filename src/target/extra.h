/* SPDX-License-Identifier: MIT */
/* Keeps what only few targets have. */
#ifndef TARGET_EXTRA_H
#define TARGET_EXTRA_H

#include <stdbool.h>
#include <stdint.h>

struct extra {
	void *user; /* the caller's */
	bool removed;
};

struct extras {
	struct extra *list; /* of the first targets; owned; NULL: of none */
	uint32_t count;
};

/* That of a target, to be changed. NULL: out of memory. */
struct extra *extra_of(struct extras *extras, uint32_t target);

/* What is known of a target: nothing, as a rule. */
struct extra extra_at(const struct extras *extras, uint32_t target);

#endif
