/* SPDX-License-Identifier: MIT */
/*
 * Outages where arithmetic says what they are: everything is lost in known spans of a known schedule, on a path of
 * constant delay. That other weather is told truly, too, is held in every run (outages.c).
 */
#include "run.h"
#include "target/set.h"

#define US     INT64_C(1000)
#define ECHOES "10.0.0.1"

static void series_init(struct run *run, uint64_t count, int64_t interval)
{
	run_init(run, 1, RP_PROBE_ICMP_ECHO, ECHOES, NULL);
	run_rule(run, "10.0.0.0", "10.255.255.255", 0, UINT16_MAX, HOST_ALIVE);
	run->config.count = count;
	run->config.interval = interval;
	run->config.timeout = SECOND;
	run->net.delay = 2 * MS;
	run->driver.exact = 1;
}

/* Of each span all probes from the a-th to the b-th, counted from 0, are lost, as often as the series has spans. */
static void expect_spans(const struct run *run, uint64_t span, uint64_t a, uint64_t b)
{
	uint64_t count = run->config.count / span;

	assert_int_equal(run->outage_count, count);
	assert_int_equal(run->total.outages, count);
	assert_int_equal(run->total.lost, count * (b - a + 1));
	for (uint64_t k = 0; k < count; k++) {
		const struct outage_told *told = &run->outages[k];
		int64_t start = run->start + (int64_t)(k * span + a) * run->config.interval;
		int64_t duration = (int64_t)(b - a + 1) * run->config.interval + 2 * run->net.delay;

		assert_int_equal(told->state, a == b ? RP_OUTAGE_PASSED : RP_OUTAGE_ENDS);
		assert_int_equal(told->outage.first, k * span + a + 1);
		assert_int_equal(told->outage.last, k * span + b + 1);
		assert_int_equal(told->outage.start, start);
		assert_int_equal(told->outage.end, start + duration);
		/* Known as soon as the last one is given up, one second after it was sent. */
		assert_int_equal(told->time, start + (int64_t)(b - a) * run->config.interval + SECOND);
		assert_int_equal(run->total.longest.end - run->total.longest.start, duration);
	}
	assert_int_equal(run->total.current.first, 0);
}

static void spans(uint64_t count, int64_t interval, uint64_t span, uint64_t a, uint64_t b)
{
	struct run run;

	series_init(&run, count, interval);
	run.net.dark_every = (int64_t)span * interval;
	run.net.dark_from = (int64_t)a * interval;
	run.net.dark_for = (int64_t)(b - a + 1) * interval;
	run_go(&run);
	expect_spans(&run, span, a, b);
	run_fini(&run);
}

TEST(at_any_rate)
{
	spans(100, 200 * MS, 10, 3, 5);
	spans(3000, 10 * MS, 100, 50, 59);
	spans(20000, MS, 1000, 100, 349);
	spans(100000, 100 * US, 20000, 3000, 7999);
	spans(100000, 10 * US, 50000, 1, 9);
}

TEST(one_probe_each)
{
	spans(20000, MS, 10, 4, 4);
	spans(20000, 100 * US, 2, 0, 0);
}

/* Past 65,536, and an outage from 65,500 to 65,999. */
TEST(across_the_wrap)
{
	spans(140000, 100 * US, 70000, 65499, 65998);
}

/* A timeout of 10 s at 10,000 a second: 100,000 answers come before the loss is known. */
TEST(long_patience)
{
	struct run run;

	series_init(&run, 200000, 100 * US);
	run.config.timeout = 10 * SECOND;
	run.net.dark_every = 100 * SECOND;
	run.net.dark_from = SECOND;
	run.net.dark_for = 3 * MS;
	run_go(&run);
	assert_int_equal(run.outage_count, 1);
	assert_int_equal(run.outages[0].outage.first, 10001);
	assert_int_equal(run.outages[0].outage.last, 10030);
	assert_int_equal(run.outages[0].outage.end - run.outages[0].outage.start, 3 * MS + 4 * MS);
	run_fini(&run);
}

/* Silence to the end: it goes on, and is the current one. */
TEST(to_the_end)
{
	struct run run;

	series_init(&run, 5000, MS);
	run.net.dark_every = 100 * SECOND;
	run.net.dark_from = 4 * SECOND;
	run.net.dark_for = 90 * SECOND;
	run_go(&run);
	assert_int_equal(run.outage_count, 1);
	assert_int_equal(run.outages[0].state, RP_OUTAGE_GOES_ON);
	assert_int_equal(run.total.current.first, 4001);
	assert_int_equal(run.total.current.last, 5000);
	assert_int_equal(run.total.longest.first, 4001);
	assert_int_equal(run.outages[0].outage.end, run.start + 4999 * MS + SECOND);
	run_fini(&run);
}

/* Answers after 1.5 s to a patience of 1 s: none in time, so it never ends, though every probe is answered. */
TEST(late_answers_end_nothing)
{
	struct run run;

	series_init(&run, 1000, 10 * MS);
	run.net.delay = 750 * MS;
	run.driver.stop = 20 * SECOND;
	run.config.count = 0;
	run_go(&run);
	assert_true(run.total.late > 1800);
	assert_int_equal(run.outage_count, 1);
	assert_int_equal(run.outages[0].outage.first, 1);
	assert_int_equal(run.outages[0].outage.last, run.total.lost + run.total.late);
	run_fini(&run);
}

/* A hundred targets, each with its own outages: 7 probes of 100. */
TEST(of_each_target)
{
	struct run run;

	series_init(&run, 200, 100 * MS);
	rp_targets_free(run.targets);
	assert_int_equal(rp_targets_new(&run.targets), 0);
	assert_int_equal(set_add_text(run.targets, "10.0.0.1-100", NULL), 0);
	run.config.targets = run.targets;
	run.net.dark_every = 10 * SECOND;
	run.net.dark_from = 5 * SECOND;
	run.net.dark_for = 700 * MS;
	run_go(&run);
	assert_int_equal(run.outage_count, 2 * 100);
	for (size_t i = 0; i < run.outage_count; i++) {
		assert_int_equal(run.outages[i].target, i / 2);
		assert_int_equal(run.outages[i].outage.first, 51 + i % 2 * 100);
		assert_int_equal(run.outages[i].outage.last, 57 + i % 2 * 100);
		assert_int_equal(run.outages[i].outage.end - run.outages[i].outage.start, 704 * MS);
	}
	run_fini(&run);
}

/* The user stops while an outage is known and the next probes are under way, one behind them answered: it is over. */
TEST(stopped_in_between)
{
	struct run run;

	series_init(&run, 0, 100 * MS);
	run.net.dark_every = 100 * SECOND;
	run.net.dark_from = SECOND;
	run.net.dark_for = 250 * MS; /* 11, 12 and 13 */
	run.driver.stop = 2150 * MS; /* 11 and 12 were given up, 13 was not */
	run_go(&run);
	assert_int_equal(run.outage_count, 1);
	assert_int_equal(run.outages[0].state, RP_OUTAGE_ENDS);
	assert_int_equal(run.outages[0].outage.last, 12);
	assert_int_equal(run.outages[0].outage.end, run.start + 1304 * MS); /* 14's answer */
	run_fini(&run);
}
