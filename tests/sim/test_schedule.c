/* SPDX-License-Identifier: MIT */
/* Long series: run.h checks the instant of every probe to the nanosecond, and that nothing is allocated. */
#include "run.h"

#define HOUR UINT64_C(3600)
#define DAY  (24 * HOUR)

static void series_init(struct run *run, const char *targets, uint64_t count, int64_t interval)
{
	run_init(run, 1, RP_PROBE_ICMP_ECHO, targets, NULL);
	run_rule(run, "10.0.0.0", "10.255.255.255", 0, UINT16_MAX, HOST_ALIVE);
	run->config.count = count;
	run->config.interval = interval;
	run->driver.exact = 1;
	run->net.delay = 10 * MS;
	run->net.jitter = 5 * MS;
}

static void series_go(struct run *run, const char *what)
{
	double start = run_clock();

	run_go(run);
	run_note("%s: %llu probes, %.1f virtual hours in %.0f ms, %.0f kB", what, (unsigned long long)run->total.sent,
		 run_seconds(run) / 3600, (run_clock() - start) * 1000, (double)run->footprint / 1000);
}

TEST(an_hour)
{
	struct run run;

	series_init(&run, "10.0.0.1", HOUR, SECOND);
	run.net.loss_there = 10000;
	run.net.duplicate = 10000;
	series_go(&run, "an hour");
	assert_int_equal(run.total.sent, HOUR);
	assert_int_equal(run.total.received + run.total.lost, HOUR);
	assert_in_range(run.total.lost, 10, 80); /* 36 expected, deviation 6 */
	assert_true(run_seconds(&run) < (double)HOUR + 10);
	run_fini(&run);
}

/* An hour and a day need the same memory, also with seven targets that share the second unevenly. */
TEST(a_day)
{
	struct run run;
	uint64_t footprint;

	series_init(&run, "10.0.0.1-7", 200, SECOND);
	run_go(&run);
	footprint = run.footprint;
	run_fini(&run);
	series_init(&run, "10.0.0.1-7", DAY / 7, 7 * SECOND);
	series_go(&run, "a day, 7 targets");
	assert_int_equal(run.total.received, DAY / 7 * 7);
	assert_true(run.footprint <= footprint);
	run_fini(&run);
	series_init(&run, "10.0.0.1-3", 20000, SECOND);
	series_go(&run, "3 targets a second");
	run_fini(&run);
}

/* The driver wakes up late by as much as four intervals, an hour long: no probe is later than that. */
TEST(late_wakeups_do_not_add_up)
{
	struct run run;

	series_init(&run, "10.0.0.1", HOUR * 10, 100 * MS);
	run.driver.wake = 90 * MS;
	series_go(&run, "late wake-ups");
	assert_int_equal(run.total.received, HOUR * 10);
	run_fini(&run);
	series_init(&run, "10.0.0.1-3", 10000, 10 * MS);
	run.driver.wake = 40 * MS;
	series_go(&run, "very late wake-ups");
	assert_int_equal(run.total.received, 30000);
	run_fini(&run);
}

TEST(preload_goes_first)
{
	struct run run;

	series_init(&run, "10.0.0.1", 100, SECOND);
	run.config.preload = 40;
	run_go(&run);
	assert_true(run_seconds(&run) < 63);
	run_fini(&run);
}

/* 1 kHz, and answers up to two seconds late: past 65,536. */
TEST(numbers_wrap)
{
	struct run run;

	series_init(&run, "10.0.0.1", 70000, MS);
	run.net.loss_back = 50000;
	run.net.duplicate = 50000;
	run.net.reorder = 50000;
	run.net.reorder_by = 2 * SECOND;
	run.config.timeout = SECOND;
	series_go(&run, "1 kHz");
	assert_int_equal(run.total.sent, 70000);
	assert_true(run.total.late > 500 && run.total.duplicates > 2500);
	run_fini(&run);
}

/* A timeout longer than any default: what waits must not hold up the schedule. */
TEST(long_timeouts)
{
	struct run run;

	series_init(&run, "192.0.2.77", 40000, MS);
	run.config.timeout = 60 * SECOND;
	series_go(&run, "60 s of silence at 1 kHz");
	assert_int_equal(run.total.lost, 40000);
	run_fini(&run);
}

/* Flood: the next leaves when the one before is answered. */
TEST(flood)
{
	struct run run;

	series_init(&run, "10.0.0.1", 70000, 0);
	run.driver.exact = 0;
	run.net.delay = 50000;
	run.net.jitter = 0;
	series_go(&run, "flood");
	assert_int_equal(run.total.received, 70000);
	assert_true(run_seconds(&run) < 7.1); /* 100 us each */
	run_fini(&run);
}
