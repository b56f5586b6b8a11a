/* SPDX-License-Identifier: MIT */
/* Whole numbers from text. A leading zero does not mean octal. */
#include <errno.h>
#include <stdbool.h>

#include "base/num.h"

int num_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Without a sign. -EINVAL wins over -EOVERFLOW, so the whole text is read. */
static int parse_magnitude(const char *text, uint64_t *value)
{
	unsigned base = 10;
	uint64_t result = 0;
	bool overflow = false;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (*text == '\0')
		return -EINVAL;
	for (; *text; text++) {
		unsigned digit = (unsigned)num_digit(*text);

		if (digit >= base)
			return -EINVAL;
		overflow |= __builtin_mul_overflow(result, base, &result);
		overflow |= __builtin_add_overflow(result, digit, &result);
	}
	if (overflow)
		return -EOVERFLOW;
	*value = result;
	return 0;
}

int num_parse_i64(const char *text, int64_t min, int64_t max, int64_t *value)
{
	bool negative = *text == '-';
	uint64_t magnitude;
	int64_t result;
	int rc = parse_magnitude(text + negative, &magnitude);

	if (rc < 0)
		return rc;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -EOVERFLOW;
	result = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	if ((negative && min >= 0) || result < min || result > max)
		return -ERANGE;
	*value = result;
	return 0;
}
