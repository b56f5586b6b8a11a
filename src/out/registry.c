/* SPDX-License-Identifier: MIT */
/* The table of outputs, and how one is made. */
#include <errno.h>
#include <stdlib.h>
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

int out_new(struct out **out, const struct out_type *type, const struct out_run *run)
{
	void *new = calloc(1, type->size);
	int error = new != NULL ? 0 : -ENOMEM;

	if (error == 0)
		*(const struct out_run **)new = run;
	if (error == 0 && type->init != NULL)
		error = type->init(new);
	if (error == 0)
		*out = new;
	else
		out_free(new, type);
	return error;
}

void out_free(struct out *out, const struct out_type *type)
{
	if (out != NULL && type->fini != NULL)
		type->fini(out);
	free(out);
}
