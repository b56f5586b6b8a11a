/* SPDX-License-Identifier: MIT */
/* Whole numbers: both sides of every bound of the type and of the caller. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "unit.h"

#include "base/num.h"

static void check_i64(const char *text, int64_t min, int64_t max, int rc, int64_t should)
{
	int64_t value = 4711;

	assert_int_equal(num_parse_i64(text, min, max, &value), rc);
	assert_true(value == (rc ? 4711 : should));
}

TEST(signed)
{
	check_i64("0", 0, 255, 0, 0);
	check_i64("255", 0, 255, 0, 255);
	check_i64("256", 0, 255, -ERANGE, 0);
	check_i64("-1", 0, 255, -ERANGE, 0);
	check_i64("-0", 0, 255, -ERANGE, 0);
	check_i64("-1", -1, 255, 0, -1);
	check_i64("-2", -1, 255, -ERANGE, 0);
	check_i64("4", 5, 9, -ERANGE, 0);
	check_i64("010", 0, 255, 0, 10);
	check_i64("0xff", 0, 255, 0, 255);
	check_i64("0XfF", 0, 255, 0, 255);
	check_i64("-0x10", -16, 0, 0, -16);
	check_i64("9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX);
	check_i64("9223372036854775808", INT64_MIN, INT64_MAX, -EOVERFLOW, 0);
	check_i64("-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN);
	check_i64("-9223372036854775809", INT64_MIN, INT64_MAX, -EOVERFLOW, 0);
	check_i64("99999999999999999999999999", 0, 255, -EOVERFLOW, 0);
}

TEST(digits)
{
	for (int c = CHAR_MIN; c <= CHAR_MAX; c++)
		assert_int_equal(num_digit((char)c),
				 isxdigit((unsigned char)c) ? strtol((char[]){(char)c, 0}, NULL, 16) : 16);
}

TEST(garbage)
{
	static const char *const texts[] = {
		"",   "-",   "--1", "+1",   " 1",  "1 ",  "1\n", "0x",    "0xg",      "x1",
		"1a", "1.0", "1e3", "0x-1", "-0x", "1,0", "ten", "1_000", "\xd9\xa1", "99999999999999999999999999x"};

	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		check_i64(texts[i], INT64_MIN, INT64_MAX, -EINVAL, 0);
}
