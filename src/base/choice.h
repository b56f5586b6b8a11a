/* SPDX-License-Identifier: MIT */
/* A table of names and values, both ways. Tables end with a NULL name. */
#ifndef BASE_CHOICE_H
#define BASE_CHOICE_H

struct choice {
	const char *name;
	int value;
};

/* The value of `name`, or -1. */
int choice_value(const struct choice *table, const char *name);

/* The first name of `value`, or NULL. */
const char *choice_name(const struct choice *table, int value);

#endif
