/* SPDX-License-Identifier: MIT */
/* The series without an engine: order, count, flood, and when it is over. */
#include "unit.h"

#include "plan/plan.h"
#include "target/addrset.h"

#define MS INT64_C(1000000)

static void no_tell(void *user, struct rp_event *event)
{
	(void)user;
	(void)event;
}

struct series {
	struct rp_config config;
	struct rp_targets *targets;
	struct rp_ports *ports;
	struct plan *plan;
};

static void series_open(struct series *series, const char *targets, const char *ports)
{
	assert_int_equal(rp_targets_new(&series->targets), 0);
	assert_int_equal(addrset_add_text(series->targets, targets, NULL), 0);
	if (ports != NULL)
		assert_int_equal(rp_ports_parse(&series->ports, ports, NULL), 0);
	series->config.targets = series->targets;
	series->config.ports = series->ports;
	series->config.preload = series->config.preload > 0 ? series->config.preload : 1;
	assert_int_equal(plan_ping.open(&series->plan, &series->config, (struct plan_sink){no_tell, NULL}), 0);
}

static void series_close(struct series *series)
{
	plan_ping.close(series->plan);
	rp_targets_free(series->targets);
	rp_ports_free(series->ports);
}

static void tell(struct series *series, enum plan_news_kind kind, int64_t now, int64_t rtt)
{
	struct probe probe = {.attempt = 1};

	plan_ping.news(
		series->plan, now,
		&(struct plan_news){
			.kind = kind, .probe = &probe, .rtt = rtt, .limit = rtt, .concluded = kind != PLAN_NEWS_SENT});
}

TEST(in_turn)
{
	struct series series = {.config = {.count = 2, .interval = 1000 * MS, .timeout = RP_TIME_NONE}};
	struct probe probe;

	series_open(&series, "10.0.0.1-2", "80,443");
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(plan_ping.next(series.plan, 0, &probe), PLAN_PROBE);
		assert_int_equal(probe.sequence, i / 4 + 1);
		assert_int_equal(probe.target, i / 2 % 2);
		assert_int_equal(rp_addr_ipv4_value(probe.destination), 0x0a000001 + i / 2 % 2);
		assert_int_equal(probe.port, i % 2 ? 443 : 80);
	}
	assert_int_equal(plan_ping.next(series.plan, 0, &probe), PLAN_WAIT);
	series_close(&series);
}

/* Port 80 of the first target, 443 of the second, nothing of the third. */
static bool asked(const void *user, uint32_t target, uint16_t port)
{
	(void)user;
	return (target == 0 && port == 80) || (target == 1 && port == 443);
}

static bool asked_nothing(const void *user, uint32_t target, uint16_t port)
{
	(void)user, (void)target, (void)port;
	return false;
}

TEST(only_what_is_asked_for)
{
	struct series series = {.config = {.count = 3, .interval = 1000 * MS, .timeout = RP_TIME_NONE, .asked = asked}};
	struct probe probe;

	series_open(&series, "10.0.0.1-3", "80,443");
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(plan_ping.next(series.plan, 0, &probe), PLAN_PROBE);
		assert_int_equal(probe.sequence, i / 2 + 1);
		assert_int_equal(probe.target, i % 2);
		assert_int_equal(probe.port, i % 2 ? 443 : 80);
	}
	assert_int_equal(plan_ping.next(series.plan, 0, &probe), PLAN_WAIT);
	series_close(&series);

	series.config.asked = asked_nothing;
	series_open(&series, "10.0.0.1-3", "80,443");
	assert_int_equal(plan_ping.next(series.plan, 0, &probe), PLAN_WAIT);
	assert_int_equal(plan_ping.ends(series.plan), INT64_MIN);
	series_close(&series);
}

TEST(over_when_all_are_concluded)
{
	struct series series = {.config = {.count = 2, .interval = 1000 * MS, .timeout = RP_TIME_NONE}};
	struct probe probe;

	series_open(&series, "10.0.0.1", NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(plan_ping.ends(series.plan), INT64_MAX);
		plan_ping.next(series.plan, i * 1000 * MS, &probe);
		tell(&series, PLAN_NEWS_SENT, i * 1000 * MS, 0);
		tell(&series, i == 0 ? PLAN_NEWS_REPLY : PLAN_NEWS_ERROR, i * 1000 * MS + 1, 1);
	}
	/* the reply may follow the error */
	assert_int_equal(plan_ping.ends(series.plan), 1000 * MS + 1 + 20 * MS);
	series_close(&series);
}

/* The host has sent a reply after an error before: it has as long as any to do so again. */
TEST(waits_for_the_reply_after_the_error)
{
	struct series series = {.config = {.count = 2, .interval = 1000 * MS, .timeout = RP_TIME_NONE}};
	struct plan_news after = {.kind = PLAN_NEWS_REPLY, .probe = &(struct probe){.attempt = 1}, .rtt = 30 * MS};
	struct probe probe;

	series_open(&series, "10.0.0.1", NULL);
	for (int i = 0; i < 2; i++) {
		plan_ping.next(series.plan, i * 1000 * MS, &probe);
		tell(&series, PLAN_NEWS_SENT, i * 1000 * MS, 0);
		tell(&series, PLAN_NEWS_ERROR, i * 1000 * MS + 1, 1);
		if (i == 1)
			assert_int_equal(plan_ping.ends(series.plan), 2000 * MS);
		plan_ping.news(series.plan, i * 1000 * MS + 30 * MS, &after);
	}
	assert_true(plan_ping.ends(series.plan) <= 1030 * MS);
	series_close(&series);
}

TEST(endless_never_ends)
{
	struct series series = {.config = {.interval = 1, .timeout = RP_TIME_NONE}};
	struct probe probe;

	series_open(&series, "10.0.0.1", NULL);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(plan_ping.next(series.plan, i, &probe), PLAN_PROBE);
		tell(&series, PLAN_NEWS_SENT, i, 0);
		tell(&series, PLAN_NEWS_REPLY, i, 0);
	}
	assert_int_equal(plan_ping.ends(series.plan), INT64_MAX);
	series_close(&series);
}

TEST(replies_are_counted_when_asked)
{
	struct series series = {
		.config = {.count = 1, .interval = 1000 * MS, .timeout = RP_TIME_NONE, .count_replies = true}};
	struct probe probe;

	series_open(&series, "10.0.0.1", NULL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(plan_ping.next(series.plan, i, &probe), PLAN_PROBE);
		tell(&series, PLAN_NEWS_SENT, i, 0);
		tell(&series, PLAN_NEWS_ERROR, i, 0); /* survives errors */
		assert_int_equal(plan_ping.ends(series.plan), INT64_MAX);
	}
	tell(&series, PLAN_NEWS_REPLY, 4, 0);
	assert_int_equal(plan_ping.ends(series.plan), INT64_MIN);
	series_close(&series);
}

TEST(more_than_can_be_counted)
{
	/* For two targets 2^64 + 2 probes, which is not 2. */
	struct series series = {
		.config = {.count = (UINT64_C(1) << 63) + 1, .interval = 1000 * MS, .timeout = RP_TIME_NONE}};
	struct probe probe;

	series_open(&series, "10.0.0.1-2", NULL);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(plan_ping.next(series.plan, i, &probe), PLAN_PROBE);
		tell(&series, PLAN_NEWS_SENT, i, 0);
		tell(&series, PLAN_NEWS_REPLY, i, 0);
		assert_int_equal(plan_ping.ends(series.plan), INT64_MAX);
	}
	series_close(&series);
}

TEST(flood_follows_the_answers)
{
	struct series series = {.config = {.interval = 0, .timeout = RP_TIME_NONE, .preload = 2}};
	struct probe probe;

	series_open(&series, "10.0.0.1", NULL);
	for (int i = 0; i < 2; i++) { /* the preload */
		assert_int_equal(plan_ping.next(series.plan, 0, &probe), PLAN_PROBE);
		tell(&series, PLAN_NEWS_SENT, 0, 0);
	}
	assert_int_equal(plan_ping.next(series.plan, 9 * MS, &probe), PLAN_WAIT);
	assert_int_equal(plan_ping.due(series.plan), 10 * MS);
	tell(&series, PLAN_NEWS_REPLY, 9 * MS, 9 * MS); /* one answered: one more */
	assert_int_equal(plan_ping.next(series.plan, 9 * MS, &probe), PLAN_PROBE);
	tell(&series, PLAN_NEWS_SENT, 9 * MS, 0);
	assert_int_equal(plan_ping.next(series.plan, 9 * MS, &probe), PLAN_WAIT);
	assert_int_equal(plan_ping.next(series.plan, 19 * MS, &probe), PLAN_PROBE); /* 10 ms of silence */
	series_close(&series);
}

TEST(adaptive_follows_the_answers)
{
	struct series series = {.config = {.interval = 1000 * MS, .adaptive = true, .timeout = RP_TIME_NONE}};
	struct probe probe;

	series_open(&series, "10.0.0.1", NULL);
	assert_int_equal(plan_ping.next(series.plan, 0, &probe), PLAN_PROBE);
	tell(&series, PLAN_NEWS_SENT, 0, 0);
	assert_int_equal(plan_ping.next(series.plan, 5 * MS, &probe), PLAN_WAIT);
	assert_int_equal(plan_ping.due(series.plan), 1000 * MS); /* silence: the interval */
	tell(&series, PLAN_NEWS_REPLY, 24 * MS, 24 * MS);
	assert_int_equal(plan_ping.next(series.plan, 24 * MS, &probe), PLAN_PROBE);
	tell(&series, PLAN_NEWS_SENT, 24 * MS, 0);
	assert_int_equal(plan_ping.due(series.plan), 72 * MS); /* silence: two round trips */
	tell(&series, PLAN_NEWS_REPLY, 40 * MS, 16 * MS);
	assert_int_equal(plan_ping.next(series.plan, 40 * MS, &probe), PLAN_PROBE);
	tell(&series, PLAN_NEWS_SENT, 40 * MS, 0);
	assert_int_equal(plan_ping.due(series.plan), 86 * MS); /* of 24 - 8 / 8 ms */
	series_close(&series);
}

/* What had been answered when the last probe left says how long it has. */
TEST(waits_as_long_as_is_known)
{
	struct series series = {.config = {.count = 3, .interval = 100 * MS, .timeout = RP_TIME_NONE}};
	struct probe probe;

	for (int early = 0; early < 2; early++) {
		series_open(&series, "10.0.0.1", NULL);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(plan_ping.next(series.plan, i * 100 * MS, &probe), PLAN_PROBE);
			if (i == 2 && early)
				tell(&series, PLAN_NEWS_REPLY, 190 * MS, 190 * MS);
			tell(&series, PLAN_NEWS_SENT, i * 100 * MS, 0);
		}
		if (!early)
			tell(&series, PLAN_NEWS_REPLY, 210 * MS, 210 * MS);
		assert_int_equal(plan_ping.ends(series.plan), early ? 580 * MS : INT64_MAX);
		series_close(&series);
	}
}
