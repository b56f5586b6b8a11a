/* SPDX-License-Identifier: MIT */
/* The time of a clock as one number. */
#ifndef APP_TIME_H
#define APP_TIME_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds. */
static inline int64_t time_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

#endif
