/* SPDX-License-Identifier: MIT */
/* What the options of pace promise, by the instant of every probe: templates, rates, delays, timeouts, retries. */
#include "check.h"
#include "run.h"

static void pace_init(struct run *run, unsigned level, const char *ports, enum net_host host)
{
	run_init(run, 1, RP_PROBE_TCP_SYN, "10.0.0.1", ports);
	rp_config_timing(&run->config, level);
	run->net.delay = 10 * MS;
	run_rule(run, "10.0.0.1", "10.0.0.9", 0, UINT16_MAX, host);
}

static int64_t gap(const struct run *run, uint64_t index)
{
	return run->truths[index].sent_at - run->truths[index - 1].sent_at;
}

/* Probes within any second that begins with one. */
static uint64_t most_in_a_second(const struct run *run)
{
	uint64_t most = 0;

	for (uint64_t first = 0, last = 0; first < run->truth_count; first++) {
		while (last < run->truth_count && run->truths[last].sent_at < run->truths[first].sent_at + SECOND)
			last++;
		most = last - first > most ? last - first : most;
	}
	return most;
}

/* One at a time, 5 minutes, 15 seconds and 0.4 seconds apart, answered or not. */
TEST(polite_templates)
{
	static const int64_t gaps[] = {300 * SECOND, 15 * SECOND, 400 * MS};
	struct run run;

	for (unsigned level = 0; level < 3; level++) {
		pace_init(&run, level, "1-20", HOST_CLOSED);
		run_go(&run);
		assert_int_equal(run.total.sent, 20);
		for (uint64_t i = 1; i < 20; i++)
			assert_int_equal(gap(&run, i), gaps[level]);
		assert_int_equal(run_wrong_ports(&run), 0);
		run_fini(&run);

		/* Silence: the next waits for the timeout, which is no shorter. */
		pace_init(&run, level, "1-4", HOST_SILENT);
		run_go(&run);
		assert_int_equal(run.total.sent, 4 * 3);
		for (uint64_t i = 1; i < 12; i++)
			assert_int_equal(gap(&run, i), level < 2 ? gaps[level] : SECOND);
		assert_int_equal(run_wrong_ports(&run), 0);
		run_fini(&run);
	}
}

/* One open port and 499 silent ones, or silence alone: the patience of the level decides, or five tries where they take
 * longer. */
TEST(fast_templates)
{
	static const int64_t patience[] = {1600 * MS, 500 * MS, 250 * MS}, silent[] = {3700 * MS, 1500 * MS, 750 * MS};
	struct run run;

	for (unsigned level = 3; level < 6; level++) {
		pace_init(&run, level, "1-500", HOST_SILENT);
		run.rules[0].host = HOST_OPEN, run.rules[0].port_last = 1;
		run_go(&run);
		assert_int_equal(run_wrong_ports(&run), 0);
		assert_in_range(run.ended - run.start, patience[level - 3], patience[level - 3] + 500 * MS);
		run_fini(&run);
		pace_init(&run, level, "1-500", HOST_SILENT);
		run_go(&run);
		assert_int_equal(run_wrong_ports(&run), 0);
		assert_int_equal(run.total.sent, 1500);
		assert_int_equal(run.ended - run.start, silent[level - 3]);
		run_fini(&run);
	}
}

TEST(most_rate)
{
	static const enum net_host hosts[] = {HOST_CLOSED, HOST_SILENT};
	struct run run;

	for (unsigned i = 0; i < 2; i++) {
		pace_init(&run, 3, "1-1000", hosts[i]);
		run.config.max_rate = 300;
		run.driver.wake = 2 * MS;
		run_go(&run);
		assert_in_range(most_in_a_second(&run), 299, 301);
		assert_in_range(run.ended - run.start, (int64_t)run.total.sent * SECOND / 300 - SECOND,
				(int64_t)run.total.sent * SECOND / 300 + 4 * SECOND);
		run_fini(&run);
	}
}

/* The larger gap of the two counts. */
TEST(delay_and_rate)
{
	static const struct {
		int64_t delay;
		uint32_t rate;
		int64_t gap;
	} cases[] = {{10 * MS, 0, 10 * MS}, {10 * MS, 50, 20 * MS}, {10 * MS, 1000, 10 * MS}, {0, 8, 125 * MS}};
	struct run run;

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		pace_init(&run, 3, "1-100", HOST_CLOSED);
		run.config.scan_delay = cases[i].delay;
		run.config.max_rate = cases[i].rate;
		run_go(&run);
		assert_int_equal(run.total.sent, 100);
		for (uint64_t k = 1; k < 100; k++)
			assert_int_equal(gap(&run, k), cases[i].gap);
		run_fini(&run);
	}
}

/* Without it silent ports go by the window, 1024 a second at first. */
TEST(least_rate)
{
	struct run run;

	for (uint32_t rate = 0; rate <= 5000; rate += 5000) {
		pace_init(&run, 3, "1-10000", HOST_SILENT);
		run.config.min_rate = rate;
		run_go(&run);
		uint64_t first = 0;
		while (first < run.truth_count && run.truths[first].sent_at < run.start + SECOND)
			first++;
		run_note("least rate %u: %llu in the first second, %.2f s", rate, (unsigned long long)first,
			 run_seconds(&run));
		assert_in_range(first, rate > 0 ? rate : 1024, rate > 0 ? rate + 1 : 1024);
		run_fini(&run);
	}
}

/* Four targets, 100 closed ports each at 100 a second in turn: each has its second, and what it had in it stays. */
TEST(time_of_a_target)
{
	struct run run;
	unsigned known = 0;

	run_init(&run, 1, RP_PROBE_TCP_SYN, "10.0.0.1-4", "1-100");
	rp_config_timing(&run.config, 3);
	run_rule(&run, "10.0.0.1", "10.0.0.4", 0, UINT16_MAX, HOST_CLOSED);
	run.net.delay = 10 * MS;
	run.config.max_rate = 100;
	run.config.host_timeout = SECOND;
	run_go(&run);
	for (uint32_t i = 0; i < 400; i++) {
		bool closed = run.ports[i].state == RP_STATE_CLOSED;

		known += closed;
		assert_true(closed ||
			    (run.ports[i].state == RP_STATE_UNKNOWN && run.ports[i].reason == RP_REASON_HOST_TIMEOUT));
	}
	assert_in_range(known, 96, 100); /* of 100 probes in a second those of the last 20 ms are not answered yet */
	assert_in_range(run.ended - run.start, 1030 * MS, 1030 * MS); /* the fourth began 30 ms after the first */
	run_fini(&run);
}

TEST(retries)
{
	struct run run;

	for (unsigned allowed = 0; allowed < 6; allowed++) {
		pace_init(&run, 3, "1-50", HOST_SILENT);
		run.config.max_retries = allowed;
		run_go(&run);
		assert_int_equal(run.total.sent, 50 * (allowed < 2 ? 1 + allowed : 3));
		run_fini(&run);
		/* Nine of ten are lost: all tries are used, and no more. */
		pace_init(&run, 3, "1-500", HOST_CLOSED);
		run.config.max_retries = allowed;
		run.net.loss_there = 900000;
		run_go(&run);
		unsigned more = 0; /* for one port that answered, whether it does so still */
		for (uint64_t i = 0; i < run.truth_count; i++)
			more += run.truths[i].attempt > allowed + 1;
		assert_true(more <= 12);
		assert_true(run.total.sent > 400 * allowed);
		run_fini(&run);
	}
}
