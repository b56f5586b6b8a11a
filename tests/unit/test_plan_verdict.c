/* SPDX-License-Identifier: MIT */
/* The scan and time: patience, settling, timeouts of targets, the search for a state, canaries. */
#include "unit.h"

#include "plan/plan.h"
#include "target/addrset.h"

#define MS INT64_C(1000000)

struct scanned {
	struct rp_config config;
	struct rp_targets *targets;
	struct rp_ports *ports;
	struct plan *plan;
	int64_t now;
	struct rp_event port, host;
	unsigned port_events, host_events;
};

static void hear(void *user, struct rp_event *event)
{
	struct scanned *scanned = user;

	if (event->kind == RP_EVENT_PORT) {
		scanned->port_events++;
		scanned->port = *event;
	} else if (event->kind == RP_EVENT_HOST) {
		scanned->host_events++;
		scanned->host = *event;
	}
}

static void begin(struct scanned *scanned)
{
	*scanned = (struct scanned){.config = {.max_retries = 10,
					       .initial_rtt_timeout = 1000 * MS,
					       .min_rtt_timeout = 100 * MS,
					       .max_rtt_timeout = 10000 * MS}};
}

static void open_plan(struct scanned *scanned, const char *targets, const char *ports)
{
	assert_int_equal(rp_targets_new(&scanned->targets), 0);
	assert_int_equal(addrset_add_text(scanned->targets, targets, NULL), 0);
	assert_int_equal(rp_ports_parse(&scanned->ports, ports, NULL), 0);
	scanned->config.targets = scanned->targets;
	scanned->config.ports = scanned->ports;
	assert_int_equal(plan_scan.open(&scanned->plan, &scanned->config, (struct plan_sink){hear, scanned}), 0);
}

static void end(struct scanned *scanned)
{
	plan_scan.close(scanned->plan);
	rp_targets_free(scanned->targets);
	rp_ports_free(scanned->ports);
}

static enum plan_answer next(struct scanned *scanned, struct probe *probe)
{
	return plan_scan.next(scanned->plan, scanned->now, probe);
}

static void news(struct scanned *scanned, enum plan_news_kind kind, const struct probe *probe, enum rp_state state)
{
	plan_scan.news(scanned->plan, scanned->now,
		       &(struct plan_news){.kind = kind,
					   .probe = probe,
					   .state = state,
					   .rtt = kind == PLAN_NEWS_REPLY ? MS : RP_TIME_NONE,
					   .concluded = true});
}

/* Time passes to the next alarm, which must be at that time. */
static void wake_at(struct scanned *scanned, int64_t when)
{
	assert_int_equal(plan_scan.alarm(scanned->plan), when);
	scanned->now = when;
	plan_scan.wake(scanned->plan, when);
}

TEST(silence_is_decided_when_patience_is_over)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	scanned.config.patience = 1600 * MS;
	scanned.config.silent_patience = 3400 * MS;
	open_plan(&scanned, "10.0.0.1", "22");
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
		scanned.now += 100 * MS;
		news(&scanned, PLAN_NEWS_TIMEOUT, &probe, RP_STATE_UNKNOWN);
	}
	assert_int_equal(next(&scanned, &probe), PLAN_WAIT);
	assert_int_equal(scanned.port_events, 0);
	wake_at(&scanned, 3400 * MS);
	assert_int_equal(scanned.port.state, RP_STATE_FILTERED);
	assert_int_equal(scanned.host_events, 1);
	assert_int_equal(plan_scan.ends(scanned.plan), INT64_MIN);
	end(&scanned);
}

TEST(answer_within_patience_counts)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	scanned.config.max_retries = 0;
	scanned.config.silent_patience = 3400 * MS;
	open_plan(&scanned, "10.0.0.1", "22");
	next(&scanned, &probe);
	scanned.now = 1000 * MS;
	news(&scanned, PLAN_NEWS_TIMEOUT, &probe, RP_STATE_UNKNOWN);
	scanned.now = 3100 * MS;
	plan_scan.news(scanned.plan, scanned.now,
		       &(struct plan_news){.kind = PLAN_NEWS_ERROR,
					   .probe = &probe,
					   .state = RP_STATE_FILTERED,
					   .reason = RP_REASON_HOST_UNREACH,
					   .late = true});
	assert_int_equal(scanned.port.reason, RP_REASON_HOST_UNREACH);
	assert_true(scanned.port.late);
	assert_int_equal(scanned.host_events, 1);
	end(&scanned);
}

TEST(reset_settles_and_syn_ack_wins)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	open_plan(&scanned, "10.0.0.1", "22");
	next(&scanned, &probe);
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_CLOSED); /* after 1 ms: 1 + 10 ms to settle */
	assert_int_equal(scanned.port_events, 1);
	assert_int_equal(scanned.host_events, 0);
	assert_int_equal(plan_scan.ends(scanned.plan), INT64_MAX);
	scanned.now = 5 * MS;
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN);
	assert_int_equal(scanned.port.state, RP_STATE_OPEN);
	assert_true(scanned.port.conflict);
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_CLOSED);
	assert_int_equal(scanned.port_events, 2);
	wake_at(&scanned, 11 * MS);
	assert_int_equal(scanned.host_events, 1);
	end(&scanned);
}

TEST(target_times_out_and_keeps_what_is_known)
{
	struct scanned scanned;
	struct probe probe, other;

	begin(&scanned);
	scanned.config.host_timeout = 500 * MS;
	open_plan(&scanned, "10.0.0.1-2", "22,80");
	next(&scanned, &probe);
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN);
	scanned.now = 100 * MS;
	next(&scanned, &other);
	assert_int_equal(other.target, 1);
	wake_at(&scanned, 500 * MS);
	assert_int_equal(scanned.host_events, 1);
	assert_int_equal(scanned.port.port, 80);
	assert_int_equal(scanned.port.state, RP_STATE_UNKNOWN);
	assert_int_equal(scanned.port.reason, RP_REASON_HOST_TIMEOUT);
	assert_int_equal(scanned.port_events, 2); /* 22 is open, and stays so */
	wake_at(&scanned, 600 * MS);
	assert_int_equal(scanned.host_events, 2);
	assert_int_equal(plan_scan.ends(scanned.plan), INT64_MIN);
	end(&scanned);
}

TEST(each_target_has_its_share)
{
	struct scanned scanned;
	struct probe probes[4], probe;

	begin(&scanned);
	scanned.config.per_target = 2;
	open_plan(&scanned, "10.0.0.1-2", "1-9");
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(next(&scanned, &probes[i]), PLAN_PROBE);
		assert_int_equal(probes[i].target, i % 2);
	}
	assert_int_equal(next(&scanned, &probe), PLAN_WAIT);
	assert_int_equal(plan_scan.due(scanned.plan), INT64_MAX);
	news(&scanned, PLAN_NEWS_REPLY, &probes[1], RP_STATE_OPEN);
	assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
	assert_int_equal(probe.target, 1);
	assert_int_equal(next(&scanned, &probe), PLAN_WAIT);
	end(&scanned);
}

TEST(least_rate_does_not_wait_for_the_window)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	scanned.config.min_rate = 2000;
	open_plan(&scanned, "10.0.0.1", "-");
	for (unsigned i = 0; i < 1024; i++)
		assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
	assert_int_equal(next(&scanned, &probe), PLAN_WAIT);
	assert_int_equal(plan_scan.due(scanned.plan), 512 * MS); /* 1024 / 2000 per second */
	scanned.now = 512 * MS;
	assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
	assert_int_equal(next(&scanned, &probe), PLAN_WAIT);
	end(&scanned);
}

TEST(other_states_are_asked_again)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	scanned.config.sought = RP_STATE_OPEN;
	scanned.config.wait_interval = 250 * MS;
	open_plan(&scanned, "10.0.0.1", "22,80");
	next(&scanned, &probe);
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN);
	next(&scanned, &probe);
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_CLOSED);
	assert_int_equal(scanned.port_events, 1);
	assert_int_equal(next(&scanned, &probe), PLAN_WAIT);
	wake_at(&scanned, 250 * MS);
	assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
	assert_int_equal(probe.port, 80);
	assert_int_equal(probe.attempt, 2);
	news(&scanned, PLAN_NEWS_UNSENT, &probe, RP_STATE_UNKNOWN); /* no route: is waited out, too */
	wake_at(&scanned, 500 * MS);
	for (unsigned i = 0; i < 20; i++) { /* silence never ends it */
		assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
		news(&scanned, PLAN_NEWS_TIMEOUT, &probe, RP_STATE_UNKNOWN);
	}
	plan_scan.finish(scanned.plan, scanned.now);
	assert_int_equal(scanned.port_events, 2);
	assert_int_equal(scanned.port.state, RP_STATE_FILTERED); /* as it was last seen */
	end(&scanned);
}

TEST(silence_three_times_is_closed_enough)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	scanned.config.sought = RP_STATE_CLOSED;
	scanned.config.wait_interval = 250 * MS;
	open_plan(&scanned, "10.0.0.1", "22");
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(scanned.host_events, 0);
		assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
		news(&scanned, PLAN_NEWS_TIMEOUT, &probe, RP_STATE_UNKNOWN);
	}
	assert_int_equal(scanned.host_events, 1);
	end(&scanned);
}

TEST(one_is_enough)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	scanned.config.sought = RP_STATE_OPEN;
	scanned.config.sought_first = true;
	open_plan(&scanned, "10.0.0.1", "22,80,443");
	next(&scanned, &probe);
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_CLOSED);
	assert_int_equal(plan_scan.ends(scanned.plan), INT64_MAX);
	next(&scanned, &probe);
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN);
	assert_int_equal(plan_scan.ends(scanned.plan), INT64_MIN);
	end(&scanned);
}

static bool only_22_of_the_second(const void *user, uint32_t target, uint16_t port)
{
	(void)user;
	return target == 1 && port == 22;
}

TEST(part_of_a_scan)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	scanned.config.asked = only_22_of_the_second;
	open_plan(&scanned, "10.0.0.1-3", "22,80");
	assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
	assert_int_equal(probe.target, 1);
	assert_int_equal(probe.port, 22);
	news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN);
	assert_int_equal(next(&scanned, &probe), PLAN_WAIT);
	assert_int_equal(scanned.host_events, 1);
	assert_int_equal(scanned.port_events, 1);
	assert_int_equal(plan_scan.ends(scanned.plan), INT64_MIN);
	end(&scanned);
}

/* After 10 open ports and none closed three more are asked for, in the dynamic range and not among the asked. */
TEST(canaries)
{
	struct scanned scanned;
	struct probe probe;

	begin(&scanned);
	open_plan(&scanned, "10.0.0.1", "1-10,60000-65535");
	for (unsigned i = 0; i < 10; i++) {
		next(&scanned, &probe);
		news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN);
	}
	for (unsigned i = 0; i < 5536; i++) {
		next(&scanned, &probe);
		assert_true(probe.port >= 60000);
		news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN);
	}
	assert_int_equal(scanned.host_events, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(next(&scanned, &probe), PLAN_PROBE);
		assert_in_range(probe.port, 49152, 59999);
		news(&scanned, PLAN_NEWS_REPLY, &probe, RP_STATE_OPEN);
	}
	assert_int_equal(scanned.port_events, 5546); /* of canaries nobody is told */
	assert_int_equal(scanned.host_events, 1);
	assert_true(scanned.host.findings & RP_FINDING_ANSWERS_EVERYTHING);
	end(&scanned);
}
