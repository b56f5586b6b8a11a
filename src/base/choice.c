/* SPDX-License-Identifier: MIT */
/* Tables are short and read at set-up or when a line is printed: a linear search is all they need. */
#include <string.h>

#include "base/choice.h"

int choice_value(const struct choice *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table->value;
	return -1;
}

const char *choice_name(const struct choice *table, int value)
{
	for (; table->name; table++)
		if (table->value == value)
			return table->name;
	return NULL;
}
