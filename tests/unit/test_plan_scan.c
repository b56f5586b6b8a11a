/* SPDX-License-Identifier: MIT */
/* The scan without an engine: order, window, tries and verdicts. */
#include "plan/scan/scan.h"
#include "planned.h"

#include <errno.h>

SCAN_TEST(first_port_of_every_target_first)
{
	planned_open(scan, "10.0.0.1-3", "22,80");
	for (unsigned i = 0; i < 6; i++) {
		struct rp_probe probe = planned_probe(scan);

		assert_int_equal(probe.target, i % 3);
		assert_int_equal(probe.port, i < 3 ? 22 : 80);
		assert_int_equal(probe.sequence, 1);
		assert_int_equal(probe.timeout, SECOND);
	}
	assert_int_equal(planned_next(scan), PLAN_WAIT);
}

SCAN_TEST(host_is_told_after_its_last_port)
{
	planned_open(scan, "10.0.0.1", "22,80");
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(scan->host_events, 0);
		planned_answer(scan, RP_STATE_OPEN);
	}
	assert_int_equal(scan->port_events, 2);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(planned_ends(scan), INT64_MIN);
}

/* Tries until the port is decided by silence. */
static unsigned tries_of_silence(struct planned *scan, struct rp_probe probe)
{
	unsigned tries = 1;

	scan->probe = probe;
	for (;; tries++) {
		planned_silence(scan);
		if (planned_next(scan) != PLAN_PROBE)
			return tries;
	}
}

SCAN_TEST(tries_grow_with_the_loss_seen)
{
	struct rp_probe a, b;

	planned_open(scan, "10.0.0.1", "22"); /* never answers: 3 */
	assert_int_equal(tries_of_silence(scan, planned_probe(scan)), 3);
	assert_int_equal(scan->port.state, RP_STATE_FILTERED);
	assert_int_equal(scan->port.reason, RP_REASON_NO_RESPONSE);

	planned_open(scan, "10.0.0.1", "22,80"); /* the neighbour answered at the first try */
	planned_answer(scan, RP_STATE_OPEN);
	assert_int_equal(tries_of_silence(scan, planned_probe(scan)), 5); /* (0.1 / 2)^5 < 1e-6 < (0.1 / 2)^4 */

	planned_open(scan, "10.0.0.1", "22,80"); /* at the third: of three tries two were lost */
	a = planned_probe(scan);
	b = planned_probe(scan);
	for (unsigned i = 0; i < 2; i++) {
		planned_tell(scan, PLAN_NEWS_TIMEOUT, &a, RP_STATE_UNKNOWN);
		a = planned_probe(scan);
	}
	assert_int_equal(a.sequence, 3);
	planned_tell(scan, PLAN_NEWS_REPLY, &a, RP_STATE_OPEN);
	assert_int_equal(tries_of_silence(scan, b), 11); /* (2.1 / 4)^11 > 1e-6: all that are allowed */
}

SCAN_TEST(retries_are_bounded)
{
	scan->config.max_retries = 0;
	planned_open(scan, "10.0.0.1", "22");
	assert_int_equal(tries_of_silence(scan, planned_probe(scan)), 1);
}

SCAN_TEST(benched_port_is_tried_again_when_loss_shows_later)
{
	struct rp_probe a, again;

	planned_open(scan, "10.0.0.1", "22,80");
	a = planned_probe(scan);
	/* 80 runs out of its 3 tries while 22 is still on its second ... */
	for (unsigned i = 0; i < 3; i++) {
		planned_probe(scan);
		planned_silence(scan);
	}
	assert_int_equal(scan->port_events, 0);
	planned_tell(scan, PLAN_NEWS_TIMEOUT, &a, RP_STATE_UNKNOWN);
	/* ... which then answers: with one try of two lost, more are allowed, so 80 comes again. */
	planned_answer(scan, RP_STATE_OPEN);
	assert_int_equal(scan->port_events, 1);
	again = planned_probe(scan);
	assert_int_equal(again.port, 80);
	assert_int_equal(again.sequence, 4);
}

/* RFC 6298: first sample R gives srtt R, rttvar R/2, timeout R + 4 R/2 = 3 R. */
SCAN_TEST(timeout_follows_the_round_trips)
{
	scan->rtt = 200 * MS;
	planned_open(scan, "10.0.0.1", "22,80,443");
	planned_answer(scan, RP_STATE_OPEN);
	planned_answer(scan, RP_STATE_OPEN);
	assert_int_equal(scan->probe.timeout, 600 * MS);
	/* Second sample 200: rttvar 3/4 x 100 = 75, srtt 200, timeout 500. */
	assert_int_equal(planned_probe(scan).timeout, 500 * MS);
}

SCAN_TEST(window_bounds_what_flies)
{
	unsigned count;

	planned_open(scan, "10.0.0.1", "-");
	struct rp_probe first = planned_probe(scan);
	for (count = 1; planned_next(scan) == PLAN_PROBE; count++)
		;
	assert_int_equal(count, 1024);
	assert_int_equal(planned_due(scan), INT64_MAX);
	planned_tell(scan, PLAN_NEWS_REPLY, &first, RP_STATE_CLOSED); /* one place, and one more */
	for (count = 0; planned_next(scan) == PLAN_PROBE; count++)
		;
	assert_int_equal(count, 2);
}

/* The next probe comes and is refused. */
static void refuse(struct planned *scan)
{
	planned_probe(scan);
	planned_tell(scan, PLAN_NEWS_UNSENT, &scan->probe, RP_STATE_UNKNOWN);
}

/* Refused once, it is tried again at once, then after pauses, each time as the same try, and it is never filtered. */
SCAN_TEST(unsent_is_not_filtered)
{
	int64_t before = 0;
	unsigned refused = 0;

	scan->config.max_retries = 0;
	planned_open(scan, "10.0.0.1", "22");
	for (; scan->port_events == 0; refused++) {
		assert_true(refused < 20);
		if (refused > 1) {
			planned_wake_at(scan, scan->type->alarm(scan->plan));
			assert_true(refused < 4 || scan->now - before < 3 * SECOND);
		}
		before = scan->now;
		refuse(scan);
		assert_int_equal(scan->probe.sequence, 1);
	}
	assert_int_equal(scan->now, 3 * SECOND);
	assert_true(refused > 6);
	assert_int_equal(scan->port.state, RP_STATE_UNKNOWN);
	assert_int_equal(scan->port.reason, RP_REASON_SEND_FAILED);
	assert_int_equal(scan->host_events, 1);
}

/* A refusal counts neither as a try nor as loss. */
SCAN_TEST(refused_and_then_sent)
{
	planned_open(scan, "10.0.0.1", "22,80");
	refuse(scan);
	planned_probe(scan); /* the other port first */
	planned_tell(scan, PLAN_NEWS_SENT, &scan->probe, RP_STATE_UNKNOWN);
	planned_tell(scan, PLAN_NEWS_REPLY, &scan->probe, RP_STATE_CLOSED);
	assert_int_equal(scan->probe.port, 80);
	planned_answer(scan, RP_STATE_OPEN);
	assert_int_equal(scan->probe.port, 22);
	assert_int_equal(scan->probe.sequence, 1);
	assert_int_equal(scan->port.state, RP_STATE_OPEN);
}

/* What was answered in the meantime needs no probe, and the pause of its target is over for the others. */
SCAN_TEST(refused_after_an_answer)
{
	struct rp_probe first;

	planned_open(scan, "10.0.0.1", "22,80");
	first = planned_probe(scan);
	planned_tell(scan, PLAN_NEWS_TIMEOUT, &first, RP_STATE_UNKNOWN);
	struct rp_probe second = planned_probe(scan);
	assert_int_equal(second.port, 22);
	refuse(scan);
	plan_scan.news(scan->plan, scan->now,
		       &(struct plan_news){.kind = PLAN_NEWS_REPLY,
					   .probe = &first,
					   .late = true,
					   .rtt = RP_TIME_NONE,
					   .state = RP_STATE_OPEN});
	planned_fetch(scan);
	planned_tell(scan, PLAN_NEWS_UNSENT, &second, RP_STATE_UNKNOWN);
	assert_int_equal(scan->port_events, 1);
	planned_wake_at(scan, scan->type->alarm(scan->plan));
	assert_int_equal(planned_probe(scan).port, 80);
}

SCAN_TEST(cut_short_leaves_unknown)
{
	planned_open(scan, "10.0.0.1", "22,80");
	planned_probe(scan);
	plan_scan.finish(scan->plan, 0);
	planned_fetch(scan);
	assert_int_equal(scan->port_events, 2);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(scan->port.state, RP_STATE_UNKNOWN);
}

/* 2^16 targets with 2^16 ports each are 2^32, which is not 0. */
SCAN_TEST(more_than_memory_holds)
{
	planned_set(scan, "10.0.0.0/16", "0-65535");
	assert_int_equal(plan_scan.open(&scan->plan, &(struct plan_setup){.config = &scan->config}), -E2BIG);
	assert_null(scan->plan);
}

/* An ICMP error to a retry decides a port; the RSTs to its first try come later, and are counted in no second. */
SCAN_TEST(second_look_without_a_rate_of_resets)
{
	struct rp_probe firsts[12];

	scan->config.patience = SECOND;
	planned_open(scan, "10.0.0.1", "1-12");
	for (unsigned i = 0; i < 12; i++)
		firsts[i] = planned_probe(scan);
	for (unsigned i = 0; i < 12; i++)
		planned_tell(scan, PLAN_NEWS_TIMEOUT, &firsts[i], RP_STATE_UNKNOWN);
	for (unsigned i = 0; i < 4; i++) {
		planned_probe(scan);
		planned_tell(scan, PLAN_NEWS_ERROR, &scan->probe, RP_STATE_FILTERED);
		plan_scan.news(scan->plan, scan->now,
			       &(struct plan_news){.kind = PLAN_NEWS_REPLY,
						   .probe = &firsts[i],
						   .late = true,
						   .rtt = RP_TIME_NONE,
						   .state = RP_STATE_CLOSED});
		planned_fetch(scan);
	}
	while (planned_next(scan) == PLAN_PROBE)
		planned_silence(scan);
	planned_wake_at(scan, SECOND + 100 * MS); /* the sample: one answers */
	planned_answer(scan, RP_STATE_OPEN);
	while (planned_next(scan) == PLAN_PROBE)
		planned_silence(scan);
	assert_int_equal(scan->host_events, 0); /* it goes on, one a second */
	planned_wake_at(scan, 2 * SECOND + 100 * MS);
	assert_int_equal(planned_next(scan), PLAN_PROBE);
}

/* Every port is asked once, whatever their number, and a row of them lies everywhere. */
TEST(second_look_is_a_sample)
{
	for (uint32_t ports = 1; ports <= UINT16_MAX; ports++) {
		uint32_t stride = silent_stride(ports), a = stride, b = ports;

		while (b > 0) { /* Euclid: they have no divisor in common */
			uint32_t rest = a % b;
			a = b;
			b = rest;
		}
		assert_int_equal(a, 1);
		if (ports >= 100)
			assert_in_range(stride, ports * 0.6, ports * 0.66);
	}
}
