/* SPDX-License-Identifier: MIT */
/* The series without an engine: order, count, flood, and when it is over. */
#include "planned.h"

static enum plan_answer next_at(struct planned *series, int64_t now)
{
	series->now = now;
	return planned_next(series);
}

static void tell(struct planned *series, enum plan_news_kind kind, int64_t now, int64_t rtt)
{
	series->now = now;
	series->rtt = rtt;
	planned_tell(series, kind, &(struct rp_probe){.sequence = 1}, RP_STATE_UNKNOWN);
}

SERIES_TEST(in_turn)
{
	series->config.count = 2;
	planned_open(series, "10.0.0.1-2", "80,443");
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(next_at(series, 0), PLAN_PROBE);
		assert_int_equal(series->probe.sequence, i / 4 + 1);
		assert_int_equal(series->probe.target, i / 2 % 2);
		assert_int_equal(rp_addr_ipv4_value(series->probe.destination), 0x0a000001 + i / 2 % 2);
		assert_int_equal(series->probe.port, i % 2 ? 443 : 80);
	}
	assert_int_equal(next_at(series, 0), PLAN_WAIT);
}

SERIES_TEST(only_what_is_asked_for)
{
	series->config.count = 3;
	planned_set(series, "10.0.0.1", "80");
	planned_add(series, "10.0.0.2", "443");
	planned_add(series, "10.0.0.3", "");
	planned_start(series);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(next_at(series, 0), PLAN_PROBE);
		assert_int_equal(series->probe.sequence, i / 2 + 1);
		assert_int_equal(series->probe.target, i % 2);
		assert_int_equal(series->probe.port, i % 2 ? 443 : 80);
	}
	assert_int_equal(next_at(series, 0), PLAN_WAIT);

	/* Nothing is asked of the only target. */
	planned_open(series, "10.0.0.1", "");
	assert_int_equal(next_at(series, 0), PLAN_WAIT);
	assert_int_equal(planned_ends(series), INT64_MIN);
}

SERIES_TEST(over_when_all_are_concluded)
{
	series->config.count = 2;
	planned_open(series, "10.0.0.1", NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(planned_ends(series), INT64_MAX);
		next_at(series, i * SECOND);
		tell(series, PLAN_NEWS_SENT, i * SECOND, 0);
		tell(series, i == 0 ? PLAN_NEWS_REPLY : PLAN_NEWS_ERROR, i * SECOND + 1, 1);
	}
	/* the reply may follow the error */
	assert_int_equal(planned_ends(series), SECOND + 1 + 20 * MS);
}

/* The host has sent a reply after an error before: it has as long as any to do so again. */
SERIES_TEST(waits_for_the_reply_after_the_error)
{
	struct plan_news after = {.kind = PLAN_NEWS_REPLY, .probe = &(struct rp_probe){.sequence = 1}, .rtt = 30 * MS};

	series->config.count = 2;
	planned_open(series, "10.0.0.1", NULL);
	for (int i = 0; i < 2; i++) {
		next_at(series, i * SECOND);
		tell(series, PLAN_NEWS_SENT, i * SECOND, 0);
		tell(series, PLAN_NEWS_ERROR, i * SECOND + 1, 1);
		if (i == 1)
			assert_int_equal(planned_ends(series), 2 * SECOND);
		plan_series.news(series->plan, i * SECOND + 30 * MS, &after);
	}
	assert_true(planned_ends(series) <= 1030 * MS);
}

/* Whoever repeats an error, also about a probe that is concluded, does not keep the run alive, nor end it. */
SERIES_TEST(repeated_errors_change_nothing)
{
	struct plan_news again = {
		.kind = PLAN_NEWS_ERROR, .probe = &(struct rp_probe){.sequence = 1}, .rtt = RP_TIME_NONE};

	series->config.count = 1;
	series->config.max_errors = 3;
	planned_open(series, "10.0.0.1", NULL);
	next_at(series, 0);
	tell(series, PLAN_NEWS_SENT, 0, 0);
	tell(series, PLAN_NEWS_ERROR, 1, 1);
	assert_int_equal(planned_ends(series), 1 + 20 * MS);
	for (int i = 1; i < 100; i++)
		plan_series.news(series->plan, i * MS, &again);
	assert_int_equal(planned_ends(series), 1 + 20 * MS);
	assert_int_equal(plan_series.ends(series->plan).why, RP_END_COMPLETE);
}

static void tell_of(struct planned *series, enum plan_news_kind kind, uint64_t sequence);

/* What our own firewall refuses says nothing about the host. */
SERIES_TEST(not_down_because_nothing_left)
{
	series->config.until_silent = 2;
	planned_open(series, "10.0.0.1", NULL);
	for (uint64_t i = 1; i <= 9; i++)
		tell_of(series, PLAN_NEWS_UNSENT, i);
	tell_of(series, PLAN_NEWS_TIMEOUT, 10);
	assert_int_equal(planned_ends(series), INT64_MAX);
	tell_of(series, PLAN_NEWS_TIMEOUT, 11);
	assert_int_equal(planned_ends(series), INT64_MIN);
}

static void tell_of(struct planned *series, enum plan_news_kind kind, uint64_t sequence)
{
	planned_tell(series, kind, &(struct rp_probe){.sequence = sequence}, RP_STATE_UNKNOWN);
}

SERIES_TEST(up_with_replies_in_a_row)
{
	series->config.until_answered = 2;
	planned_open(series, "10.0.0.1", NULL);
	for (uint64_t i = 1; i <= 9; i++)
		tell_of(series, PLAN_NEWS_SENT, i);
	tell_of(series, PLAN_NEWS_TIMEOUT, 1);
	tell_of(series, PLAN_NEWS_REPLY, 4);
	tell_of(series, PLAN_NEWS_TIMEOUT, 5);
	tell_of(series, PLAN_NEWS_REPLY, 6);
	assert_int_equal(planned_ends(series), INT64_MAX);
	/* sent before the row, given up in it */
	tell_of(series, PLAN_NEWS_TIMEOUT, 2);
	tell_of(series, PLAN_NEWS_UNSENT, 3);
	assert_int_equal(planned_ends(series), INT64_MAX);
	tell_of(series, PLAN_NEWS_REPLY, 7);
	assert_int_equal(planned_ends(series), INT64_MIN);
	tell_of(series, PLAN_NEWS_TIMEOUT, 5);
	assert_int_equal(planned_ends(series), INT64_MIN);
}

SERIES_TEST(endless_never_ends)
{
	series->config.interval = 1;
	planned_open(series, "10.0.0.1", NULL);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(next_at(series, i), PLAN_PROBE);
		tell(series, PLAN_NEWS_SENT, i, 0);
		tell(series, PLAN_NEWS_REPLY, i, 0);
	}
	assert_int_equal(planned_ends(series), INT64_MAX);
}

SERIES_TEST(replies_are_counted_when_asked)
{
	series->config.count = 1;
	series->config.count_replies = true;
	planned_open(series, "10.0.0.1", NULL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(next_at(series, i), PLAN_PROBE);
		tell(series, PLAN_NEWS_SENT, i, 0);
		tell(series, PLAN_NEWS_ERROR, i, 0); /* survives errors */
		assert_int_equal(planned_ends(series), INT64_MAX);
	}
	tell(series, PLAN_NEWS_REPLY, 4, 0);
	assert_int_equal(planned_ends(series), INT64_MIN);
}

/* For two targets 2^64 + 2 probes, which is not 2. */
SERIES_TEST(more_than_can_be_counted)
{
	series->config.count = (UINT64_C(1) << 63) + 1;
	planned_open(series, "10.0.0.1-2", NULL);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(next_at(series, i), PLAN_PROBE);
		tell(series, PLAN_NEWS_SENT, i, 0);
		tell(series, PLAN_NEWS_REPLY, i, 0);
		assert_int_equal(planned_ends(series), INT64_MAX);
	}
}

SERIES_TEST(flood_follows_the_answers)
{
	series->config.interval = 0;
	series->config.preload = 2;
	planned_open(series, "10.0.0.1", NULL);
	for (int i = 0; i < 2; i++) { /* the preload */
		assert_int_equal(next_at(series, 0), PLAN_PROBE);
		tell(series, PLAN_NEWS_SENT, 0, 0);
	}
	assert_int_equal(next_at(series, 9 * MS), PLAN_WAIT);
	assert_int_equal(planned_due(series), 10 * MS);
	tell(series, PLAN_NEWS_REPLY, 9 * MS, 9 * MS); /* one answered: one more */
	assert_int_equal(next_at(series, 9 * MS), PLAN_PROBE);
	tell(series, PLAN_NEWS_SENT, 9 * MS, 0);
	assert_int_equal(next_at(series, 9 * MS), PLAN_WAIT);
	assert_int_equal(next_at(series, 19 * MS), PLAN_PROBE); /* 10 ms of silence */
}

SERIES_TEST(adaptive_follows_the_answers)
{
	series->config.adaptive = true;
	planned_open(series, "10.0.0.1", NULL);
	assert_int_equal(next_at(series, 0), PLAN_PROBE);
	tell(series, PLAN_NEWS_SENT, 0, 0);
	assert_int_equal(next_at(series, 5 * MS), PLAN_WAIT);
	assert_int_equal(planned_due(series), SECOND); /* silence: the interval */
	tell(series, PLAN_NEWS_REPLY, 24 * MS, 24 * MS);
	assert_int_equal(next_at(series, 24 * MS), PLAN_PROBE);
	tell(series, PLAN_NEWS_SENT, 24 * MS, 0);
	assert_int_equal(planned_due(series), 72 * MS); /* silence: two round trips */
	tell(series, PLAN_NEWS_REPLY, 40 * MS, 16 * MS);
	assert_int_equal(next_at(series, 40 * MS), PLAN_PROBE);
	tell(series, PLAN_NEWS_SENT, 40 * MS, 0);
	assert_int_equal(planned_due(series), 86 * MS); /* of 24 - 8 / 8 ms */
}

/* What had been answered when the last probe left says how long it has. */
SERIES_TEST(waits_as_long_as_is_known)
{
	series->config.count = 3;
	series->config.interval = 100 * MS;

	for (int early = 0; early < 2; early++) {
		planned_open(series, "10.0.0.1", NULL);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(next_at(series, i * 100 * MS), PLAN_PROBE);
			if (i == 2 && early)
				tell(series, PLAN_NEWS_REPLY, 190 * MS, 190 * MS);
			tell(series, PLAN_NEWS_SENT, i * 100 * MS, 0);
		}
		if (!early)
			tell(series, PLAN_NEWS_REPLY, 210 * MS, 210 * MS);
		assert_int_equal(planned_ends(series), early ? 580 * MS : INT64_MAX);
	}
}
