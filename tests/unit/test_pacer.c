/* SPDX-License-Identifier: MIT */
/* The schedule: absolute, with a burst, without drift, without making up for a long stall. */
#include "unit.h"

#include "core/pacer.h"

#define MS INT64_C(1000000)

TEST(no_limit)
{
	struct pacer pacer;

	pacer_init(&pacer, 5, 0, 1, 1);
	for (int i = 0; i < 3; i++) {
		assert_true(pacer_ready(&pacer, 5));
		pacer_take(&pacer, 5);
	}
	assert_int_equal(pacer_due(&pacer), INT64_MIN);
}

TEST(first_at_once_then_a_gap)
{
	struct pacer pacer;

	pacer_init(&pacer, 100, 10, 1, 1);
	assert_true(pacer_ready(&pacer, 100));
	pacer_take(&pacer, 100);
	assert_false(pacer_ready(&pacer, 109));
	assert_true(pacer_ready(&pacer, 110));
	assert_int_equal(pacer_due(&pacer), 110);
}

TEST(burst_at_the_start)
{
	struct pacer pacer;

	pacer_init(&pacer, 0, 10, 1, 3);
	for (int i = 0; i < 3; i++) {
		assert_true(pacer_ready(&pacer, 0));
		pacer_take(&pacer, 0);
	}
	assert_int_equal(pacer_due(&pacer), 10);
}

TEST(late_probes_do_not_move_the_others)
{
	struct pacer pacer;

	pacer_init(&pacer, 0, 1000 * MS, 1, 1);
	for (int64_t i = 0; i < 3600; i++) {
		assert_int_equal(pacer_due(&pacer), i * 1000 * MS);
		pacer_take(&pacer, pacer_due(&pacer) + (i % 7) * MS); /* up to 6 ms late */
	}
}

TEST(hiccup_is_made_up_for)
{
	struct pacer pacer;
	int count = 0;

	pacer_init(&pacer, 0, 1 * MS, 1, 1);
	for (; pacer_ready(&pacer, 50 * MS); count++)
		pacer_take(&pacer, 50 * MS);
	assert_int_equal(count, 51); /* 0 to 50 ms */
}

TEST(stall_is_not_made_up_for)
{
	struct pacer pacer;

	pacer_init(&pacer, 0, 1000 * MS, 1, 1);
	pacer_take(&pacer, 0);
	/* Asleep until 100.5 s: one probe is due, and the next one on the grid after. */
	assert_true(pacer_ready(&pacer, 100500 * MS));
	pacer_take(&pacer, 100500 * MS);
	assert_int_equal(pacer_due(&pacer), 101000 * MS);
}

/* Three in 100 ns: at 0, 33, 66 and again at 100, and so for ever. */
TEST(uneven_gaps_keep_the_period)
{
	struct pacer pacer;

	pacer_init(&pacer, 0, 100, 3, 1);
	for (int64_t i = 0; i < 3000; i++) {
		assert_int_equal(pacer_due(&pacer), i * 100 / 3);
		pacer_take(&pacer, pacer_due(&pacer));
	}
}

/* 300,000 a second, asleep for ten hours: what is made up for is a tenth of a second, and nothing has to wait. */
TEST(stall_with_uneven_gaps)
{
	int64_t now = 36000 * SECOND;
	struct pacer pacer;

	pacer_init(&pacer, 0, SECOND, 300000, 1);
	pacer_take(&pacer, now);
	assert_in_range(now - pacer_due(&pacer), 99 * MS, 101 * MS);
}

/* A probe each 100 us, with half a millisecond of slack: five leave at a wake, one after the other, and the schedule
 * stays. */
TEST(slack)
{
	struct pacer pacer;

	pacer_init(&pacer, 0, SECOND, 10000, 1);
	pacer.slack = MS / 2;
	assert_int_equal(pacer_wake(&pacer), 0);
	pacer_take(&pacer, 0);
	assert_int_equal(pacer_due(&pacer), MS / 10);
	assert_int_equal(pacer_wake(&pacer), MS / 2);
	for (int i = 1; i <= 5; i++) {
		assert_true(pacer_ready(&pacer, MS / 2));
		pacer_take(&pacer, MS / 2);
		assert_int_equal(pacer_wake(&pacer), i < 5 ? (i + 1) * MS / 10 : MS);
	}
	assert_false(pacer_ready(&pacer, MS / 2));
	/* Not longer than a gap: nothing to gain. */
	pacer.slack = MS / 10;
	assert_int_equal(pacer_wake(&pacer), 6 * MS / 10);
}
