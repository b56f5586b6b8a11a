/* SPDX-License-Identifier: MIT */
/* Durations. Whole numbers throughout: a double cannot hold 2^63 ns, nor 0.1 s. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"

static const struct {
	const char *suffix;
	int64_t ns;
} units[] = {
	{"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
};

static size_t count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* The unit that `suffix` names, `unit` for none, 0 for an unknown one. */
static int64_t unit_of(const char *suffix, int64_t unit)
{
	if (*suffix == '\0')
		return unit;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].suffix, suffix) == 0)
			return units[i].ns;
	return 0;
}

int ns_parse(const char *text, int64_t unit, int64_t *value)
{
	bool negative = *text == '-';
	const char *whole = text + negative;
	size_t whole_digits = count_digits(whole);
	const char *fraction = whole + whole_digits + (whole[whole_digits] == '.');
	size_t fraction_digits = fraction > whole + whole_digits ? count_digits(fraction) : 0;
	bool overflow = false;
	int64_t result = 0, part = 0;

	unit = unit_of(fraction + fraction_digits, unit);
	if (whole_digits + fraction_digits == 0 || unit == 0)
		return -EINVAL;
	for (size_t i = 0; i < whole_digits; i++) {
		overflow |= __builtin_mul_overflow(result, 10, &result);
		overflow |= __builtin_add_overflow(result, whole[i] - '0', &result);
	}
	overflow |= __builtin_mul_overflow(result, unit, &result);
	/* From the last digit to the first, each division cuts: the cut of the whole is exact. */
	for (size_t i = fraction_digits; i > 0; i--)
		part = (part + (fraction[i - 1] - '0') * unit) / 10;
	overflow |= __builtin_add_overflow(result, part, &result);
	if (overflow || negative)
		return -ERANGE;
	*value = result;
	return 0;
}

/* `count` units of 10^-decimals each. */
static const char *format_decimal(bool negative, uint64_t count, int decimals, char text[NS_TEXT_SIZE])
{
	uint64_t scale = 1;

	for (int i = 0; i < decimals; i++)
		scale *= 10;
	if (decimals == 0)
		snprintf(text, NS_TEXT_SIZE, "%s%llu", negative ? "-" : "", (unsigned long long)count);
	else
		snprintf(text, NS_TEXT_SIZE, "%s%llu.%0*llu", negative ? "-" : "", (unsigned long long)(count / scale),
			 decimals, (unsigned long long)(count % scale));
	return text;
}

/* Milliseconds with `decimals` (0 to 3), rounded half up in magnitude. */
static const char *format_ms(int64_t value, int decimals, char text[NS_TEXT_SIZE])
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t step = (uint64_t)NS_PER_MS;

	if (value == INT64_MIN) {
		snprintf(text, NS_TEXT_SIZE, "-");
		return text;
	}
	for (int i = 0; i < decimals; i++)
		step /= 10;
	magnitude = (magnitude + step / 2) / step;
	return format_decimal(value < 0 && magnitude > 0, magnitude, decimals, text);
}

const char *ns_format_ms(int64_t value, char text[NS_TEXT_SIZE])
{
	return format_ms(value, 3, text);
}

const char *ns_format_ping(int64_t value, char text[NS_TEXT_SIZE])
{
	int decimals = 3;

	if (value >= 99950 * NS_PER_US)
		decimals = 0;
	else if (value >= 9995 * NS_PER_US)
		decimals = 1;
	else if (value >= NS_PER_MS)
		decimals = 2;
	return format_ms(value, decimals, text);
}

const char *ns_format_s(int64_t value, int decimals, char text[NS_TEXT_SIZE])
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	for (int i = decimals; i < 9; i++)
		magnitude /= 10;
	return format_decimal(value < 0 && magnitude > 0, magnitude, decimals, text);
}
