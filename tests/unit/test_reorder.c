/* SPDX-License-Identifier: MIT */
/* Reordering by RFC 4737's definitions, worked by hand, and the edge of the reach. */
#include "unit.h"

#include "core/reorder.h"

static struct reorder arrive(const uint64_t *numbers, size_t count)
{
	struct reorder reorder = {0};

	for (size_t i = 0; i < count; i++)
		reorder_arrival(&reorder, numbers[i]);
	return reorder;
}

#define ARRIVE(...) arrive((const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

TEST(in_order)
{
	assert_int_equal(ARRIVE(1, 2, 3, 5, 9).count, 0); /* loss is not reordering */
	assert_int_equal(ARRIVE(1, 1, 2, 2).count, 0);    /* nor are duplicates */
}

/* 5, the first higher number, came three answers before 4. */
TEST(one_late)
{
	struct reorder reorder = ARRIVE(1, 2, 3, 5, 6, 7, 4, 8);

	assert_int_equal(reorder.count, 1);
	assert_int_equal(reorder.extent, 3);
}

/* 7 came four answers before 4, five before 5, six before 6. */
TEST(three_late)
{
	struct reorder reorder = ARRIVE(1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11);

	assert_int_equal(reorder.count, 3);
	assert_int_equal(reorder.extent, 6);
}

TEST(extent_ends_at_the_reach)
{
	struct reorder reorder = {0};

	for (uint64_t number = 2; number < 1000; number++)
		reorder_arrival(&reorder, number);
	reorder_arrival(&reorder, 1);
	assert_int_equal(reorder.count, 1);
	assert_int_equal(reorder.extent, REORDER_REACH);
}
