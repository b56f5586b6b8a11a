/* SPDX-License-Identifier: MIT */
/* One port that answered is asked again before a target is finished: what its answers mean. */
#include "plan/scan/scan.h"
#include "planned.h"

/* Port 5 of 40 is open, the others are closed; then 5 is asked again. */
static struct rp_probe ask_again(struct planned *scan)
{
	planned_open(scan, "10.0.0.1", "1-40");
	for (unsigned i = 1; i <= 40; i++)
		planned_answer(scan, i == 5 ? RP_STATE_OPEN : RP_STATE_CLOSED);
	assert_int_equal(planned_probe(scan).port, 5);
	assert_int_equal(scan->probe.sequence, 2);
	assert_int_equal(scan->host_events, 0);
	return scan->probe;
}

SCAN_TEST(answers_as_before)
{
	ask_again(scan);
	planned_tell(scan, PLAN_NEWS_REPLY, &scan->probe, RP_STATE_OPEN);
	planned_wake_at(scan, scan->type->alarm(scan->plan));
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(scan->host.findings, 0);
	assert_int_equal(scan->port_events, 40);
}

/* It is refused five times, 100 ms apart; a SYN-ACK in between ends that. */
SCAN_TEST(refuses_now)
{
	for (unsigned answers = 4; answers <= 5; answers++) {
		scan->now = 0;
		ask_again(scan);
		planned_tell(scan, PLAN_NEWS_REPLY, &scan->probe, RP_STATE_CLOSED);
		for (unsigned i = 1; i < answers; i++) {
			while (planned_next(scan) != PLAN_PROBE)
				planned_wake_at(scan, scan->type->alarm(scan->plan));
			assert_int_equal(scan->probe.port, 5);
			assert_int_equal(scan->now, 100 * MS * i);
			planned_tell(scan, i % 2 ? PLAN_NEWS_ERROR : PLAN_NEWS_REPLY, &scan->probe,
				     i % 2 ? RP_STATE_FILTERED : RP_STATE_CLOSED);
		}
		if (answers < 5) {
			planned_wake_at(scan, scan->type->alarm(scan->plan));
			planned_answer(scan, RP_STATE_OPEN);
		}
		assert_int_equal(scan->host_events, 1);
		assert_int_equal(scan->host.findings, answers == 5 ? RP_FINDING_BANNED : 0);
	}
}

/* It is silent twelve times. */
SCAN_TEST(silent_now)
{
	ask_again(scan);
	for (unsigned i = 1; i < 12; i++) {
		planned_silence(scan);
		assert_int_equal(planned_probe(scan).port, 5);
		assert_in_range(scan->probe.timeout, 100 * MS, 250 * MS);
	}
	scan->now = SECOND;
	planned_silence(scan);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(scan->host.findings, RP_FINDING_BANNED);
}

/* What is silent then is unknown. */
SCAN_TEST(banned_is_not_filtered)
{
	planned_open(scan, "10.0.0.1", "1-40");
	planned_answer(scan, RP_STATE_OPEN);
	while (scan->host_events == 0) {
		while (planned_next(scan) == PLAN_PROBE)
			planned_silence(scan);
		if (scan->host_events == 0)
			planned_wake_at(scan, scan->type->alarm(scan->plan));
	}
	assert_int_equal(scan->host.findings, RP_FINDING_BANNED);
	assert_int_equal(scan->port.state, RP_STATE_UNKNOWN);
	assert_int_equal(scan->port.reason, RP_REASON_NO_RESPONSE);
}

/* This host cannot send to it any more: that is no ban. */
SCAN_TEST(unsent_is_no_ban)
{
	ask_again(scan);
	for (;;) {
		planned_tell(scan, PLAN_NEWS_UNSENT, &scan->probe, RP_STATE_UNKNOWN);
		if (scan->host_events > 0)
			break;
		while (planned_next(scan) != PLAN_PROBE)
			planned_wake_at(scan, scan->type->alarm(scan->plan));
	}
	assert_int_equal(scan->now, 3 * SECOND);
	assert_int_equal(scan->host.findings, 0);
}
