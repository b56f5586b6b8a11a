/* SPDX-License-Identifier: MIT */
/* Durations. Expected values are worked out by hand; the digits of format_ping are iputils' thresholds. */
#include <errno.h>

#include "unit.h"

#include "base/ns.h"

static void check_parse(const char *text, int64_t unit, int rc, int64_t should)
{
	int64_t value = 4711;

	assert_int_equal(ns_parse(text, unit, &value), rc);
	assert_true(value == (rc ? 4711 : should));
}

TEST(parse)
{
	check_parse("0", NS_PER_S, 0, 0);
	check_parse("1", NS_PER_S, 0, 1000000000);
	check_parse("1", NS_PER_MS, 0, 1000000);
	check_parse("0.25", NS_PER_S, 0, 250000000);
	check_parse(".5", NS_PER_S, 0, 500000000);
	check_parse("5.", NS_PER_S, 0, 5000000000);
	check_parse("10ms", NS_PER_S, 0, 10000000);
	check_parse("250us", NS_PER_S, 0, 250000);
	check_parse("1.5s", NS_PER_MS, 0, 1500000000);
	check_parse("2m", NS_PER_S, 0, 120000000000);
	check_parse("1h", NS_PER_S, 0, 3600000000000);
	check_parse("0.1", NS_PER_S, 0, 100000000);
	check_parse("0.0000000019", NS_PER_S, 0, 1);
	check_parse("0.0009us", NS_PER_S, 0, 0);
	check_parse("0.001us", NS_PER_S, 0, 1);
	check_parse("0.333333333333333333333333333333h", NS_PER_S, 0, 1199999999999);
	/* 5e-13 h is 1.8 ns; the digits behind it do not make it 2, but 5.6e-13 h (2.016 ns) is. */
	check_parse("0.0000000000005h", NS_PER_S, 0, 1);
	check_parse("0.00000000000055555555555555h", NS_PER_S, 0, 1);
	check_parse("0.00000000000055555555555556h", NS_PER_S, 0, 2);
}

TEST(parse_bounds)
{
	check_parse("9223372036.854775807", NS_PER_S, 0, INT64_MAX);
	check_parse("9223372036.854775808", NS_PER_S, -ERANGE, 0);
	check_parse("9223372037", NS_PER_S, -ERANGE, 0);
	check_parse("99999999999999999999999", NS_PER_S, -ERANGE, 0);
	check_parse("9223372036854775807", 1, 0, INT64_MAX);
	check_parse("9223372036854775808", 1, -ERANGE, 0);
	check_parse("-1", NS_PER_S, -ERANGE, 0);
	check_parse("-0.5ms", NS_PER_S, -ERANGE, 0);
}

TEST(parse_garbage)
{
	static const char *const texts[] = {"",     ".",   "-",     "-.",   "+1",   " 1",     "1 ",  "1 s", "s",
					    "ms",   "1,5", "1.5.5", "1e3",  "0x1",  "inf",    "nan", "1S",  "1sec",
					    "1mss", "--1", "1d",    "1ns ", "1.-5", "1.5ms ", "one"};

	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		check_parse(texts[i], NS_PER_S, -EINVAL, 0);
}

TEST(format_ms)
{
	char text[NS_TEXT_SIZE];

	assert_string_equal(ns_format_ms(0, text), "0.000");
	assert_string_equal(ns_format_ms(499, text), "0.000");
	assert_string_equal(ns_format_ms(500, text), "0.001");
	assert_string_equal(ns_format_ms(42000, text), "0.042");
	assert_string_equal(ns_format_ms(999499, text), "0.999");
	assert_string_equal(ns_format_ms(999500, text), "1.000");
	assert_string_equal(ns_format_ms(1000000000, text), "1000.000");
	assert_string_equal(ns_format_ms(INT64_MAX, text), "9223372036854.776");
	assert_string_equal(ns_format_ms(-1500, text), "-0.002");
	assert_string_equal(ns_format_ms(-499, text), "0.000");
	assert_string_equal(ns_format_ms(INT64_MIN + 1, text), "-9223372036854.776");
	assert_string_equal(ns_format_ms(INT64_MIN, text), "-");
}

TEST(format_ping)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{0, "0.000"},      {1499, "0.001"},    {1500, "0.002"},    {77000, "0.077"},     {999499, "0.999"},
		{1000000, "1.00"}, {1004999, "1.00"},  {1005000, "1.01"},  {9994000, "9.99"},    {9994999, "9.99"},
		{9995000, "10.0"}, {10049999, "10.0"}, {10050000, "10.1"}, {99949000, "99.9"},   {99949999, "99.9"},
		{99950000, "100"}, {100499999, "100"}, {100500000, "101"}, {1044000000, "1044"}, {-1500000, "-1.500"},
		{INT64_MIN, "-"},
	};
	char text[NS_TEXT_SIZE];

	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		assert_string_equal(ns_format_ping(cases[i].ns, text), cases[i].text);
}

TEST(format_s)
{
	char text[NS_TEXT_SIZE];

	assert_string_equal(ns_format_s(0, 0, text), "0");
	assert_string_equal(ns_format_s(1999999999, 0, text), "1");
	assert_string_equal(ns_format_s(1999999999, 1, text), "1.9");
	assert_string_equal(ns_format_s(1999999999, 9, text), "1.999999999");
	assert_string_equal(ns_format_s(1000000, 6, text), "0.001000");
	assert_string_equal(ns_format_s(-1500000000, 1, text), "-1.5");
	assert_string_equal(ns_format_s(INT64_MAX, 9, text), "9223372036.854775807");
}
