/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/array.h"

TEST(zeroed)
{
	uint32_t *array = array_new(3, sizeof *array);

	assert_non_null(array);
	assert_int_equal(array[0] | array[1] | array[2], 0);
	free(array);
}

/* Of 2^60 + 1 elements, 32 bits hold the 1. */
TEST(too_large)
{
	volatile uint64_t count = (UINT64_C(1) << 60) + 1;
	void *volatile array = array_new(count, 16); /* an unused one may be left out */

	assert_null(array);
}
