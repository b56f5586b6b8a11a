/* SPDX-License-Identifier: MIT */
/*
 * A queue of our own host: the timeout of a probe counts from when it leaves. A reply is late exactly if the round trip
 * that is shown exceeds the timeout, what is still queued is neither late nor lost, and what is under way at the end is
 * not lost.
 */
#include "run.h"

static void begin(struct run *run, uint64_t count, int64_t interval, int64_t timeout, int64_t queued)
{
	run_init(run, 1, RP_PROBE_ICMP_ECHO, "10.0.0.1", NULL);
	run_rule(run, "10.0.0.1", "10.0.0.1", 0, UINT16_MAX, HOST_ALIVE);
	run->config.count = count;
	run->config.interval = interval;
	run->config.timeout = timeout;
	run->net.delay = 10 * MS;
	run->net.queued = queued;
}

/* What a full uplink holds for longer than the timeout arrives in time. */
TEST(queued_for_longer_than_the_timeout)
{
	static const int64_t intervals[] = {100 * MS, SECOND};

	for (size_t i = 0; i < LENGTH_OF(intervals); i++) {
		struct run run;

		begin(&run, 4, intervals[i], 500 * MS, 690 * MS);
		run_go(&run);
		assert_int_equal(run.total.received, 4);
		assert_int_equal(run.total.rtt_max, 20 * MS);
		assert_true(run_seconds(&run) < 3 * (double)intervals[i] / 1e9 + 0.72);
		run_fini(&run);
	}
}

/* Without -W the run waits for the last probe as ping does, from when it has left. */
TEST(the_end_waits_for_the_queue)
{
	struct run run;

	begin(&run, 5, 200 * MS, RP_TIME_NONE, 690 * MS);
	run_go(&run);
	assert_int_equal(run.total.received, 5);
	run_fini(&run);
}

/* A silent host behind the queue: each is given up its timeout after it has left. */
TEST(silence_behind_the_queue)
{
	struct run run;

	begin(&run, 1, SECOND, 500 * MS, 690 * MS);
	run.rule_count = 0;
	run_go(&run);
	assert_int_equal(run.total.lost, 1);
	assert_true(run_seconds(&run) >= 1.19 && run_seconds(&run) < 1.22);
	run_fini(&run);
}

/* A queue that does not move ends no run later than 5 s after the timeout; a reply that comes after all counts, and
 * is not late. */
TEST(a_queue_that_does_not_move)
{
	struct run run;

	begin(&run, 1, SECOND, SECOND, 100 * SECOND);
	run_go(&run);
	assert_int_equal(run.total.lost, 1);
	assert_true(run_seconds(&run) < 6.03);
	run_fini(&run);
	begin(&run, 10, SECOND, SECOND, 8 * SECOND);
	run_go(&run);
	assert_int_equal(run.total.received, 7);
	assert_int_equal(run.total.late, 0);
	run_fini(&run);
}

/* Round trips of 20 ms and twice up to 20 ms more: 875 of 1000 are longer than 30 ms (deviation 10). */
TEST(late_is_what_is_shown)
{
	struct run run;

	begin(&run, 1000, 10 * MS, 30 * MS, 5 * MS);
	run.net.jitter = 20 * MS;
	run.driver.wake = 50 * MS;
	run_go(&run);
	assert_in_range(run.total.late, 835, 915);
	assert_int_equal(run.total.received + run.total.late + run.total.lost, 1000);
	assert_true(run.total.rtt_max <= 30 * MS);
	run_fini(&run);
}

/* -c counts replies where a deadline is given: what is under way when the last one comes is not lost. */
TEST(under_way_when_the_replies_are_there)
{
	struct run run;

	begin(&run, 4, 10 * MS, RP_TIME_NONE, 0);
	run.config.count_replies = true;
	run.config.deadline = 10 * SECOND;
	run.net.delay = 200 * MS;
	run_go(&run);
	assert_int_equal(run.end, RP_END_COMPLETE);
	assert_int_equal(run.total.received, 4);
	assert_int_equal(run.total.lost, 0);
	assert_int_equal(run.total.outages, 0);
	assert_in_range(run.total.in_flight, 35, 45);
	run_fini(&run);
}

/* Every loss of a lossy path is known long before the end, and stays a loss. */
TEST(lost_before_the_replies_are_there)
{
	struct run run;

	begin(&run, 100, 100 * MS, RP_TIME_NONE, 0);
	run.config.count_replies = true;
	run.config.deadline = 60 * SECOND;
	run.net.loss_there = 200000;
	run_go(&run);
	assert_int_equal(run.total.received, 100);
	assert_in_range(run.total.lost, 10, 50);
	run_fini(&run);
}
