/* SPDX-License-Identifier: MIT */
/* Alarms come in the order of their times, whatever was set, moved and cleared before. */
#include "unit.h"

#include "plan/scan/timers.h"

TEST(alarms_in_order)
{
	static const int64_t when[] = {50, 10, 40, 30, 20};
	struct timers timers;
	uint32_t id;

	assert_int_equal(timers_init(&timers, 5), 0);
	assert_int_equal(timers_first(&timers), INT64_MAX);
	for (uint32_t i = 0; i < 5; i++)
		timers_set(&timers, i, when[i]);
	assert_int_equal(timers_first(&timers), 10);
	assert_false(timers_take(&timers, 9, &id));
	timers_set(&timers, 1, 45); /* moved back */
	timers_set(&timers, 0, 5);  /* moved forward */
	timers_clear(&timers, 3);
	timers_clear(&timers, 3);
	static const uint32_t order[] = {0, 4, 2, 1};
	for (unsigned i = 0; i < 4; i++) {
		assert_true(timers_take(&timers, 100, &id));
		assert_int_equal(id, order[i]);
	}
	assert_false(timers_take(&timers, 100, &id));
	timers_fini(&timers);
}

/* Against a search of all of them, for a thousand changes in an order made by a counter. */
TEST(agree_with_a_search)
{
	enum { IDS = 37 };
	int64_t when[IDS];
	struct timers timers;
	uint32_t mixed = 1;

	assert_int_equal(timers_init(&timers, IDS), 0);
	for (unsigned i = 0; i < IDS; i++)
		when[i] = INT64_MAX;
	for (unsigned step = 0; step < 1000; step++) {
		mixed = mixed * 1664525 + 1013904223;
		uint32_t id = mixed >> 8 & 0xffff, at = id % IDS;
		if (id % 3 == 0) {
			timers_clear(&timers, at);
			when[at] = INT64_MAX;
		} else {
			when[at] = mixed >> 20;
			timers_set(&timers, at, when[at]);
		}
		int64_t least = INT64_MAX;
		for (unsigned i = 0; i < IDS; i++)
			least = when[i] < least ? when[i] : least;
		assert_int_equal(timers_first(&timers), least);
	}
	timers_fini(&timers);
}
