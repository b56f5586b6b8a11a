/* SPDX-License-Identifier: MIT */
/* Keeps what only few targets have in an array that is made when one has it: most runs have none. */
#include "target/extra.h"

#include <stdlib.h>
#include <string.h>

struct extra *extra_of(struct extras *extras, uint32_t target)
{
	if (target >= extras->count) {
		uint64_t count = (uint64_t)target + target / 2 + 16;
		struct extra *grown;

		count = count < UINT32_MAX ? count : UINT32_MAX;
		grown = count <= SIZE_MAX / sizeof *grown ? realloc(extras->list, (size_t)count * sizeof *grown) : NULL;
		if (grown == NULL)
			return NULL;
		memset(grown + extras->count, 0, (size_t)(count - extras->count) * sizeof *grown);
		extras->list = grown;
		extras->count = (uint32_t)count;
	}
	return &extras->list[target];
}

struct extra extra_at(const struct extras *extras, uint32_t target)
{
	return target < extras->count ? extras->list[target] : (struct extra){.user = NULL};
}
