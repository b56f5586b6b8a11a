/* SPDX-License-Identifier: MIT */
/*
 * Nanoseconds: durations from text and to text. Exact decimal arithmetic, '.' in every locale.
 */
#ifndef BASE_NS_H
#define BASE_NS_H

#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/* Room for any text that ns_format_*() write. */
#define NS_TEXT_SIZE 32

static inline int64_t ns_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline int64_t ns_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Reads "1", "0.25", ".5", "10ms", "250us", "1.5s", "2m", "1h"; a bare number is in `unit` ns. Digits
 * beyond the nanosecond are cut. -EINVAL not a duration, -ERANGE too long for int64_t or negative. */
int ns_parse(const char *text, int64_t unit, int64_t *value);

/* Milliseconds with three decimals, rounded half up: "0.042", "1000.000"; "-" for INT64_MIN. */
const char *ns_format_ms(int64_t value, char text[NS_TEXT_SIZE]);

/* Milliseconds as iputils prints time=: from 99.95 ms none, from 9.995 one, from 1 two, below three decimals. */
const char *ns_format_ping(int64_t value, char text[NS_TEXT_SIZE]);

/* Seconds with `decimals` (0 to 9) decimals, cut. */
const char *ns_format_s(int64_t value, int decimals, char text[NS_TEXT_SIZE]);

#endif
