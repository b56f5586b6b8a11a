/* SPDX-License-Identifier: MIT */
/* The scan without an engine: order, window, tries and verdicts. */
#include <errno.h>

#include "unit.h"

#include "plan/plan.h"
#include "target/addrset.h"

#define MS INT64_C(1000000)

struct scanned {
	struct rp_config config;
	struct rp_targets *targets;
	struct rp_ports *ports;
	struct plan *plan;
	struct rp_event last_port;
	unsigned port_events;
	unsigned host_events;
};

static void hear(void *user, struct rp_event *event)
{
	struct scanned *scanned = user;

	if (event->kind == RP_EVENT_PORT) {
		scanned->port_events++;
		scanned->last_port = *event;
	}
	scanned->host_events += event->kind == RP_EVENT_HOST;
}

static void scanned_open(struct scanned *scanned, const char *targets, const char *ports)
{
	*scanned = (struct scanned){.config = {.max_retries = 10,
					       .initial_rtt_timeout = 1000 * MS,
					       .min_rtt_timeout = 100 * MS,
					       .max_rtt_timeout = 10000 * MS}};
	assert_int_equal(rp_targets_new(&scanned->targets), 0);
	assert_int_equal(addrset_add_text(scanned->targets, targets, NULL), 0);
	assert_int_equal(rp_ports_parse(&scanned->ports, ports, NULL), 0);
	scanned->config.targets = scanned->targets;
	scanned->config.ports = scanned->ports;
	assert_int_equal(plan_scan.open(&scanned->plan, &scanned->config, (struct plan_sink){hear, scanned}), 0);
}

static void scanned_close(struct scanned *scanned)
{
	plan_scan.close(scanned->plan);
	rp_targets_free(scanned->targets);
	rp_ports_free(scanned->ports);
}

static void tell(struct scanned *scanned, enum plan_news_kind kind, const struct probe *probe, enum rp_state state,
		 int64_t rtt)
{
	plan_scan.news(
		scanned->plan, 0,
		&(struct plan_news){.kind = kind, .probe = probe, .state = state, .rtt = rtt, .concluded = true});
}

TEST(first_port_of_every_target_first)
{
	struct scanned scanned;
	struct probe probe;

	scanned_open(&scanned, "10.0.0.1-3", "22,80");
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(plan_scan.next(scanned.plan, 0, &probe), PLAN_PROBE);
		assert_int_equal(probe.target, i % 3);
		assert_int_equal(probe.port, i < 3 ? 22 : 80);
		assert_int_equal(probe.attempt, 1);
		assert_int_equal(probe.timeout, 1000 * MS);
	}
	assert_int_equal(plan_scan.next(scanned.plan, 0, &probe), PLAN_WAIT);
	scanned_close(&scanned);
}

TEST(host_is_told_after_its_last_port)
{
	struct scanned scanned;
	struct probe probe;

	scanned_open(&scanned, "10.0.0.1", "22,80");
	for (unsigned i = 0; i < 2; i++) {
		plan_scan.next(scanned.plan, 0, &probe);
		assert_int_equal(scanned.host_events, 0);
		tell(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN, MS);
	}
	assert_int_equal(scanned.port_events, 2);
	assert_int_equal(scanned.host_events, 1);
	assert_int_equal(plan_scan.ends(scanned.plan), INT64_MIN);
	scanned_close(&scanned);
}

/* Tries until the port is decided by silence. */
static unsigned tries_of_silence(struct scanned *scanned, struct probe probe)
{
	unsigned tries = 1;

	for (;; tries++) {
		tell(scanned, PLAN_NEWS_TIMEOUT, &probe, RP_STATE_UNKNOWN, RP_TIME_NONE);
		if (plan_scan.next(scanned->plan, 0, &probe) != PLAN_PROBE)
			return tries;
	}
}

TEST(tries_grow_with_the_loss_seen)
{
	struct scanned scanned;
	struct probe a, b;

	scanned_open(&scanned, "10.0.0.1", "22"); /* never answers: 3 */
	plan_scan.next(scanned.plan, 0, &a);
	assert_int_equal(tries_of_silence(&scanned, a), 3);
	assert_int_equal(scanned.last_port.state, RP_STATE_FILTERED);
	assert_int_equal(scanned.last_port.reason, RP_REASON_NO_RESPONSE);
	scanned_close(&scanned);

	scanned_open(&scanned, "10.0.0.1", "22,80"); /* the neighbour answered at the first try */
	plan_scan.next(scanned.plan, 0, &a);
	plan_scan.next(scanned.plan, 0, &b);
	tell(&scanned, PLAN_NEWS_REPLY, &a, RP_STATE_OPEN, MS);
	assert_int_equal(tries_of_silence(&scanned, b), 5); /* (0.1 / 2)^5 < 1e-6 < (0.1 / 2)^4 */
	scanned_close(&scanned);

	scanned_open(&scanned, "10.0.0.1", "22,80"); /* at the third: of three tries two were lost */
	plan_scan.next(scanned.plan, 0, &a);
	plan_scan.next(scanned.plan, 0, &b);
	for (unsigned i = 0; i < 2; i++) {
		tell(&scanned, PLAN_NEWS_TIMEOUT, &a, RP_STATE_UNKNOWN, RP_TIME_NONE);
		assert_int_equal(plan_scan.next(scanned.plan, 0, &a), PLAN_PROBE);
	}
	assert_int_equal(a.attempt, 3);
	tell(&scanned, PLAN_NEWS_REPLY, &a, RP_STATE_OPEN, MS);
	assert_int_equal(tries_of_silence(&scanned, b), 11); /* (2.1 / 4)^11 > 1e-6: all that are allowed */
	scanned_close(&scanned);
}

TEST(retries_are_bounded)
{
	struct scanned scanned;
	struct probe probe;

	scanned_open(&scanned, "10.0.0.1", "22");
	scanned.config.max_retries = 0;
	plan_scan.next(scanned.plan, 0, &probe);
	assert_int_equal(tries_of_silence(&scanned, probe), 1);
	scanned_close(&scanned);
}

TEST(benched_port_is_tried_again_when_loss_shows_later)
{
	struct scanned scanned;
	struct probe a, b, again;

	scanned_open(&scanned, "10.0.0.1", "22,80");
	plan_scan.next(scanned.plan, 0, &a);
	plan_scan.next(scanned.plan, 0, &b);
	/* 80 runs out of its 3 tries while 22 is still on its second ... */
	for (unsigned i = 0; i < 3; i++) {
		tell(&scanned, PLAN_NEWS_TIMEOUT, &b, RP_STATE_UNKNOWN, RP_TIME_NONE);
		if (i < 2)
			assert_int_equal(plan_scan.next(scanned.plan, 0, &b), PLAN_PROBE);
	}
	assert_int_equal(scanned.port_events, 0);
	tell(&scanned, PLAN_NEWS_TIMEOUT, &a, RP_STATE_UNKNOWN, RP_TIME_NONE);
	assert_int_equal(plan_scan.next(scanned.plan, 0, &a), PLAN_PROBE);
	/* ... which then answers: with one try of two lost, more are allowed, so 80 comes again. */
	tell(&scanned, PLAN_NEWS_REPLY, &a, RP_STATE_OPEN, MS);
	assert_int_equal(scanned.port_events, 1);
	assert_int_equal(plan_scan.next(scanned.plan, 0, &again), PLAN_PROBE);
	assert_int_equal(again.port, 80);
	assert_int_equal(again.attempt, 4);
	scanned_close(&scanned);
}

/* RFC 6298: first sample R gives srtt R, rttvar R/2, timeout R + 4 R/2 = 3 R. */
TEST(timeout_follows_the_round_trips)
{
	struct scanned scanned;
	struct probe probe, next;

	scanned_open(&scanned, "10.0.0.1", "22,80,443");
	plan_scan.next(scanned.plan, 0, &probe);
	tell(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN, 200 * MS);
	plan_scan.next(scanned.plan, 0, &next);
	assert_int_equal(next.timeout, 600 * MS);
	/* Second sample 200: rttvar 3/4 x 100 = 75, srtt 200, timeout 500. */
	tell(&scanned, PLAN_NEWS_REPLY, &next, RP_STATE_OPEN, 200 * MS);
	plan_scan.next(scanned.plan, 0, &next);
	assert_int_equal(next.timeout, 500 * MS);
	scanned_close(&scanned);
}

TEST(window_bounds_what_flies)
{
	struct scanned scanned;
	struct probe probe, first;
	unsigned count = 0;

	scanned_open(&scanned, "10.0.0.1", "-");
	plan_scan.next(scanned.plan, 0, &first);
	for (count = 1; plan_scan.next(scanned.plan, 0, &probe) == PLAN_PROBE; count++)
		;
	assert_int_equal(count, 1024);
	assert_int_equal(plan_scan.due(scanned.plan), INT64_MAX);
	tell(&scanned, PLAN_NEWS_REPLY, &first, RP_STATE_CLOSED, MS); /* one place, and one more */
	for (count = 0; plan_scan.next(scanned.plan, 0, &probe) == PLAN_PROBE; count++)
		;
	assert_int_equal(count, 2);
	scanned_close(&scanned);
}

TEST(unsent_is_not_filtered)
{
	struct scanned scanned;
	struct probe probe;

	scanned_open(&scanned, "10.0.0.1", "22");
	plan_scan.next(scanned.plan, 0, &probe);
	tell(&scanned, PLAN_NEWS_UNSENT, &probe, RP_STATE_UNKNOWN, RP_TIME_NONE);
	assert_int_equal(scanned.last_port.state, RP_STATE_UNKNOWN);
	assert_int_equal(scanned.last_port.reason, RP_REASON_SEND_FAILED);
	scanned_close(&scanned);
}

TEST(cut_short_leaves_unknown)
{
	struct scanned scanned;
	struct probe probe;

	scanned_open(&scanned, "10.0.0.1", "22,80");
	plan_scan.next(scanned.plan, 0, &probe);
	plan_scan.finish(scanned.plan, 0);
	assert_int_equal(scanned.port_events, 2);
	assert_int_equal(scanned.host_events, 1);
	assert_int_equal(scanned.last_port.state, RP_STATE_UNKNOWN);
	scanned_close(&scanned);
}

/* 2^16 targets with 2^16 ports each are 2^32, which is not 0. */
TEST(more_than_memory_holds)
{
	struct rp_config config = {.max_retries = 10};
	struct rp_targets *targets;
	struct rp_ports *ports;
	struct plan *plan = NULL;

	assert_int_equal(rp_targets_new(&targets), 0);
	assert_int_equal(addrset_add_text(targets, "10.0.0.0/16", NULL), 0);
	assert_int_equal(rp_ports_parse(&ports, "0-65535", NULL), 0);
	config.targets = targets;
	config.ports = ports;
	assert_int_equal(plan_scan.open(&plan, &config, (struct plan_sink){hear, NULL}), -E2BIG);
	assert_null(plan);
	rp_targets_free(targets);
	rp_ports_free(ports);
}
