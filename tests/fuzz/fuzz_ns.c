/* SPDX-License-Identifier: MIT */
/*
 * Durations and whole numbers against decimal arithmetic done by hand: a duration is right when the digits of
 * the text lie between those of value / unit and (value + 1) / unit, which long division gives one by one.
 */
#include "fuzz.h"

#include <errno.h>

#include "base/bytes.h"
#include "base/ns.h"
#include "base/num.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What the digits before another one come to with it. Stops at UINT64_MAX, which is larger than what fits. */
static uint64_t append(uint64_t number, unsigned base, unsigned digit)
{
	uint64_t next;

	if (__builtin_mul_overflow(number, base, &next) || __builtin_add_overflow(next, digit, &next))
		return UINT64_MAX;
	return next;
}

/* The order of value / unit against the decimal number whose digits are `whole` and, behind a point, `fraction`. */
static int order(uint64_t value, uint64_t unit, const char *whole, const char *fraction)
{
	uint64_t number = 0, rest = value % unit;

	for (; is_digit(*whole); whole++)
		number = append(number, 10, (unsigned)(*whole - '0'));
	if (value / unit != number)
		return value / unit < number ? -1 : 1;
	for (; is_digit(*fraction); fraction++) {
		uint64_t digit = rest * 10 / unit;

		rest = rest * 10 % unit;
		if (digit != (uint64_t)(*fraction - '0'))
			return digit < (uint64_t)(*fraction - '0') ? -1 : 1;
	}
	return rest > 0;
}

/* The unit of the suffix, 0 when it is none. */
static int64_t suffix_unit(const char *suffix, int64_t unit)
{
	if (strcmp(suffix, "") == 0)
		return unit;
	if (strcmp(suffix, "us") == 0)
		return 1000;
	if (strcmp(suffix, "ms") == 0)
		return 1000000;
	if (strcmp(suffix, "s") == 0)
		return 1000000000;
	if (strcmp(suffix, "m") == 0)
		return INT64_C(60000000000);
	return strcmp(suffix, "h") == 0 ? INT64_C(3600000000000) : 0;
}

static void check_duration(const char *text, int64_t bare)
{
	int64_t value = 42;
	int result = ns_parse(text, bare, &value);
	const char *whole = text + (*text == '-'), *fraction = whole, *suffix;

	while (is_digit(*fraction))
		fraction++;
	bool digits = fraction > whole;
	suffix = fraction;
	if (*fraction == '.') {
		for (suffix = ++fraction; is_digit(*suffix);)
			suffix++;
		digits |= suffix > fraction;
	}
	int64_t unit = suffix_unit(suffix, bare);

	if (!digits || unit == 0) {
		check(result == -EINVAL && value == 42);
	} else if (*text == '-' || order(UINT64_C(1) << 63, (uint64_t)unit, whole, fraction) <= 0) {
		check(result == -ERANGE && value == 42);
	} else {
		check(result == 0 && value >= 0);
		check(order((uint64_t)value, (uint64_t)unit, whole, fraction) <= 0);
		check(order((uint64_t)value + 1, (uint64_t)unit, whole, fraction) > 0);
	}
}

/* What is printed reads as what it was, but for the rounding. */
static void check_print(int64_t value)
{
	char text[NS_TEXT_SIZE];
	int64_t again;

	check(strlen(ns_format_ms(value, text)) < NS_TEXT_SIZE);
	if (value >= 0 && value < INT64_MAX - NS_PER_MS) {
		check(ns_parse(text, NS_PER_MS, &again) == 0 && llabs(again - value) <= NS_PER_US / 2);
		check(ns_parse(ns_format_ping(value, text), NS_PER_MS, &again) == 0);
		check(llabs(again - value) <= (value < 99950 * NS_PER_US ? NS_PER_MS / 20 : NS_PER_MS / 2));
	}
	check(strlen(ns_format_ping(value, text)) < NS_TEXT_SIZE);
	for (int decimals = 0; decimals <= 9; decimals++) {
		int64_t unit = NS_PER_S;

		ns_format_s(value, decimals, text);
		for (int i = 0; i < decimals; i++)
			unit /= 10;
		if (value >= 0)
			check(ns_parse(text, NS_PER_S, &again) == 0 && again == value - value % unit);
	}
}

/* 0 and the magnitude (UINT64_MAX when it is larger), or -EINVAL. */
static int read_magnitude(const char *text, uint64_t *magnitude)
{
	const char *digits = "0123456789";
	unsigned base = 10;

	if (strncmp(text, "0x", 2) == 0 || strncmp(text, "0X", 2) == 0) {
		digits = "0123456789abcdefABCDEF";
		base = 16;
		text += 2;
	}
	*magnitude = 0;
	if (*text == '\0')
		return -EINVAL;
	for (; *text != '\0'; text++) {
		const char *digit = strchr(digits, *text);

		if (digit == NULL)
			return -EINVAL;
		long number = digit - digits;
		*magnitude = append(*magnitude, base, (unsigned)(number < 16 ? number : number - 6));
	}
	return 0;
}

static void check_number(const char *text, int64_t min, int64_t max)
{
	bool negative = *text == '-';
	int64_t value = 42;
	uint64_t magnitude;
	int expected = read_magnitude(text + negative, &magnitude);
	int result = num_parse_i64(text, min, max, &value);

	if (expected == 0 && magnitude > (uint64_t)INT64_MAX + negative)
		expected = -EOVERFLOW;
	int64_t number = (int64_t)(negative ? 0 - magnitude : magnitude);
	if (expected == 0 && (number < min || number > max || (negative && min >= 0)))
		expected = -ERANGE;
	check(result == expected && value == (expected == 0 ? number : 42));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const int64_t units[] = {1, 7, NS_PER_US, NS_PER_MS, NS_PER_S, 3600 * NS_PER_S};
	struct reader reader = reader_of(bytes, length);
	int64_t unit = units[reader_u8(&reader) % (sizeof units / sizeof units[0])];
	uint64_t a = (uint64_t)reader_u32(&reader) << 32, b;

	a |= reader_u32(&reader);
	b = (uint64_t)reader_u32(&reader) << 32;
	b |= reader_u32(&reader);
	size_t left = reader_left(&reader);
	char *text = fuzz_text(reader_take(&reader, left), left);

	check_duration(text, unit);
	check_print((int64_t)a);
	check_number(text, (int64_t)a, (int64_t)b);
	check_number(text, INT64_MIN, INT64_MAX);
	check_number(text, 0, INT64_MAX);
	free(text);
	return 0;
}
