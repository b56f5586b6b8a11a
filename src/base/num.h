/* SPDX-License-Identifier: MIT */
/*
 * Whole numbers from text, strictly: no blanks, no sign unless it is allowed, no trailing bytes, the
 * locale has no say.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

/* Decimal, or hexadecimal after 0x. -EINVAL not a number, -ERANGE not within [min, max],
 * -EOVERFLOW not within 64 bits. `*value` is written on success only. */
int num_parse_i64(const char *text, int64_t min, int64_t max, int64_t *value);

/* The value of a hexadecimal digit; 16 for what is none. */
int num_digit(char c);

#endif
