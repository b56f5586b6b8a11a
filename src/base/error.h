/* SPDX-License-Identifier: MIT */
/* Fills a struct rp_error and hands the result on, so that one statement says what failed and returns it. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <rprobe/rprobe.h>

/* Returns `result`; `error` may be NULL. */
__attribute__((format(printf, 3, 4))) int error_set(struct rp_error *error, int result, const char *format, ...);

/* Whether memory or descriptors are out: whatever was asked for is not to blame, and the next request fails, too. */
bool error_is_exhaustion(int result);

#endif
