/* SPDX-License-Identifier: MIT */
/* Held against the C library's own names, where it has any. */
#include "unit.h"

#include <errno.h>

#include "base/errno_name.h"

TEST(names)
{
	assert_string_equal(errno_name(EPERM), "EPERM");
	assert_string_equal(errno_name(EWOULDBLOCK), "EAGAIN");
	assert_string_equal(errno_name(ENOTRECOVERABLE), "ENOTRECOVERABLE");
	assert_null(errno_name(0));
	assert_null(errno_name(-EPERM));
	assert_null(errno_name(4095));
}

#ifdef __GLIBC__
TEST(as_libc)
{
	for (int error = 1; error < 4096; error++) {
		const char *expected = strerrorname_np(error);

		if (expected != NULL)
			assert_string_equal(errno_name(error), expected);
		else
			assert_null(errno_name(error));
	}
}
#endif
