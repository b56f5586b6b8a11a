/* SPDX-License-Identifier: MIT */
/* The table of outputs: a new format is one file and one line here. */
#include <string.h>

#include "config.h"
#include "out/out.h"

static const struct out_type *const types[] = {
	&out_ping, &out_scan, &out_json, &out_csv, &out_greppable,
#if HAVE_LIBXML2
	&out_xml,
#endif
};

const struct out_type *out_type_of(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i]->name, name) == 0)
			return types[i];
	return NULL;
}
