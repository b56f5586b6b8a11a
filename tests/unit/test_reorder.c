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

static void in_order(void **state)
{
	(void)state;
	assert_int_equal(ARRIVE(1, 2, 3, 5, 9).count, 0); /* loss is not reordering */
	assert_int_equal(ARRIVE(1, 1, 2, 2).count, 0);    /* nor are duplicates */
}

/* 5, the first higher number, came three answers before 4. */
static void one_late(void **state)
{
	struct reorder reorder = ARRIVE(1, 2, 3, 5, 6, 7, 4, 8);

	(void)state;
	assert_int_equal(reorder.count, 1);
	assert_int_equal(reorder.extent, 3);
}

/* 7 came four answers before 4, five before 5, six before 6. */
static void three_late(void **state)
{
	struct reorder reorder = ARRIVE(1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11);

	(void)state;
	assert_int_equal(reorder.count, 3);
	assert_int_equal(reorder.extent, 6);
}

static void extent_ends_at_the_reach(void **state)
{
	struct reorder reorder = {0};

	(void)state;
	for (uint64_t number = 2; number < 1000; number++)
		reorder_arrival(&reorder, number);
	reorder_arrival(&reorder, 1);
	assert_int_equal(reorder.count, 1);
	assert_int_equal(reorder.extent, REORDER_REACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(one_late),
		cmocka_unit_test(three_late),
		cmocka_unit_test(extent_ends_at_the_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
