/* SPDX-License-Identifier: MIT */
/* The scan and time: patience, settling, timeouts of targets, the search for a state, canaries. */
#include "planned.h"

SCAN_TEST(silence_is_decided_when_patience_is_over)
{
	scan->config.patience = 1600 * MS;
	scan->config.silent_patience = 3400 * MS;
	planned_open(scan, "10.0.0.1", "22");
	for (unsigned i = 0; i < 3; i++) {
		planned_probe(scan);
		scan->now += 100 * MS;
		planned_silence(scan);
	}
	assert_int_equal(planned_next(scan), PLAN_WAIT);
	assert_int_equal(scan->port_events, 0);
	planned_wake_at(scan, 3400 * MS);
	assert_int_equal(scan->port.state, RP_STATE_FILTERED);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(planned_ends(scan), INT64_MIN);
}

SCAN_TEST(answer_within_patience_counts)
{
	scan->config.max_retries = 0;
	scan->config.silent_patience = 3400 * MS;
	planned_open(scan, "10.0.0.1", "22");
	planned_probe(scan);
	scan->now = SECOND;
	planned_silence(scan);
	scan->now = 3100 * MS;
	plan_scan.news(scan->plan, scan->now,
		       &(struct plan_news){.kind = PLAN_NEWS_ERROR,
					   .probe = &scan->probe,
					   .state = RP_STATE_FILTERED,
					   .reason = RP_REASON_HOST_UNREACH,
					   .late = true});
	planned_fetch(scan);
	assert_int_equal(scan->port.reason, RP_REASON_HOST_UNREACH);
	assert_true(scan->port.late);
	planned_wake_at(scan, scan->type->alarm(scan->plan));
	assert_int_equal(scan->host_events, 1);
}

SCAN_TEST(reset_settles_and_syn_ack_wins)
{
	planned_open(scan, "10.0.0.1", "22");
	planned_answer(scan, RP_STATE_CLOSED); /* after 1 ms: 1 + 10 ms to settle */
	assert_int_equal(scan->port_events, 1);
	assert_int_equal(scan->host_events, 0);
	assert_int_equal(planned_ends(scan), INT64_MAX);
	scan->now = 5 * MS;
	planned_tell_more(scan, PLAN_NEWS_REPLY, &scan->probe, RP_STATE_OPEN);
	assert_int_equal(scan->port.state, RP_STATE_OPEN);
	assert_true(scan->port.conflict);
	planned_tell_more(scan, PLAN_NEWS_REPLY, &scan->probe, RP_STATE_CLOSED);
	assert_int_equal(scan->port_events, 2);
	planned_wake_at(scan, 11 * MS);
	assert_int_equal(scan->host_events, 1);
}

/* A late answer decides the port while its second try is on the way; what becomes of that belongs to the target,
 * too. */
SCAN_TEST(a_target_is_told_when_nothing_of_it_is_on_its_way)
{
	planned_open(scan, "10.0.0.1", "22");
	struct rp_probe first = planned_probe(scan);
	scan->now = SECOND;
	planned_tell(scan, PLAN_NEWS_TIMEOUT, &first, RP_STATE_UNKNOWN);
	struct rp_probe second = planned_probe(scan);
	scan->now += MS;
	planned_tell_more(scan, PLAN_NEWS_REPLY, &first, RP_STATE_OPEN);
	assert_int_equal(scan->port.state, RP_STATE_OPEN);
	assert_int_equal(scan->host_events, 0);
	assert_int_equal(planned_ends(scan), INT64_MAX);
	planned_tell(scan, PLAN_NEWS_REPLY, &second, RP_STATE_OPEN);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(planned_ends(scan), INT64_MIN);
}

/* RFC 792: what a router advises says nothing of the port. */
SCAN_TEST(advice_decides_nothing)
{
	planned_open(scan, "10.0.0.1", "22");
	planned_probe(scan);
	for (int i = 0; i < 3; i++)
		plan_scan.news(scan->plan, scan->now,
			       &(struct plan_news){.kind = PLAN_NEWS_ERROR,
						   .probe = &scan->probe,
						   .rtt = RP_TIME_NONE,
						   .reason = i == 0 ? RP_REASON_SOURCE_QUENCH : RP_REASON_REDIRECT});
	planned_fetch(scan);
	assert_int_equal(scan->port_events, 0);
	planned_tell(scan, PLAN_NEWS_REPLY, &scan->probe, RP_STATE_CLOSED);
	assert_int_equal(scan->port.state, RP_STATE_CLOSED);
	assert_int_equal(scan->port.remarks, RP_REMARK_REDIRECT | RP_REMARK_SOURCE_QUENCH);
}

SCAN_TEST(target_times_out_and_keeps_what_is_known)
{
	scan->config.host_timeout = 500 * MS;
	planned_open(scan, "10.0.0.1-2", "22,80");
	planned_answer(scan, RP_STATE_OPEN);
	scan->now = 100 * MS;
	assert_int_equal(planned_probe(scan).target, 1);
	planned_wake_at(scan, 500 * MS);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(scan->port.port, 80);
	assert_int_equal(scan->port.state, RP_STATE_UNKNOWN);
	assert_int_equal(scan->port.reason, RP_REASON_HOST_TIMEOUT);
	assert_int_equal(scan->port_events, 2); /* 22 is open, and stays so */
	planned_wake_at(scan, 600 * MS);
	assert_int_equal(scan->host_events, 2);
	assert_int_equal(planned_ends(scan), INT64_MIN);
}

SCAN_TEST(each_target_has_its_share)
{
	struct rp_probe probes[4];

	scan->config.per_target = 2;
	planned_open(scan, "10.0.0.1-2", "1-9");
	for (unsigned i = 0; i < 4; i++) {
		probes[i] = planned_probe(scan);
		assert_int_equal(probes[i].target, i % 2);
	}
	assert_int_equal(planned_next(scan), PLAN_WAIT);
	assert_int_equal(planned_due(scan), INT64_MAX);
	planned_tell(scan, PLAN_NEWS_REPLY, &probes[1], RP_STATE_OPEN);
	assert_int_equal(planned_probe(scan).target, 1);
	assert_int_equal(planned_next(scan), PLAN_WAIT);
}

SCAN_TEST(least_rate_does_not_wait_for_the_window)
{
	scan->config.min_rate = 2000;
	planned_open(scan, "10.0.0.1", "-");
	for (unsigned i = 0; i < 1024; i++)
		planned_probe(scan);
	assert_int_equal(planned_next(scan), PLAN_WAIT);
	assert_int_equal(planned_due(scan), 512 * MS); /* 1024 / 2000 per second */
	scan->now = 512 * MS;
	planned_probe(scan);
	assert_int_equal(planned_next(scan), PLAN_WAIT);
}

SCAN_TEST(other_states_are_asked_again)
{
	scan->config.sought = RP_STATE_OPEN;
	scan->config.wait_interval = 250 * MS;
	planned_open(scan, "10.0.0.1", "22,80");
	planned_answer(scan, RP_STATE_OPEN);
	planned_answer(scan, RP_STATE_CLOSED);
	assert_int_equal(scan->port_events, 1);
	assert_int_equal(planned_next(scan), PLAN_WAIT);
	planned_wake_at(scan, 250 * MS);
	planned_probe(scan);
	assert_int_equal(scan->probe.port, 80);
	assert_int_equal(scan->probe.sequence, 2);
	planned_tell(scan, PLAN_NEWS_UNSENT, &scan->probe, RP_STATE_UNKNOWN); /* no route: is waited out, too */
	planned_wake_at(scan, 500 * MS);
	for (unsigned i = 0; i < 20; i++) { /* silence never ends it */
		planned_probe(scan);
		planned_silence(scan);
	}
	plan_scan.finish(scan->plan, scan->now);
	planned_fetch(scan);
	assert_int_equal(scan->port_events, 2);
	assert_int_equal(scan->port.state, RP_STATE_FILTERED); /* as it was last seen */
}

/* How many silent tries end the wait for a port that answered so many, each behind so many silent ones. */
static unsigned silences_until_gone(struct planned *scan, unsigned answered, unsigned lost_before_each)
{
	scan->config.sought = RP_STATE_CLOSED;
	scan->config.wait_interval = 250 * MS;
	planned_open(scan, "10.0.0.1", "22");
	for (unsigned i = 0; i < answered; i++) {
		for (unsigned k = 0; k < lost_before_each; k++) {
			planned_probe(scan);
			planned_silence(scan);
		}
		planned_answer(scan, RP_STATE_OPEN);
		planned_wake_at(scan, scan->now + 250 * MS);
	}
	for (unsigned i = 1; i < 100; i++) {
		assert_int_equal(scan->host_events, 0);
		planned_probe(scan);
		assert_true(scan->probe.timeout <= 1000 * MS); /* however many there were before */
		planned_silence(scan);
		if (scan->host_events > 0)
			return i;
	}
	return 0;
}

/* loss^n <= 1e-5, at a loss of (lost + 1) / (tries + 2). */
SCAN_TEST(silence_without_any_answer)
{
	assert_int_equal(silences_until_gone(scan, 0, 0), 5);
}

SCAN_TEST(silence_after_one_answer)
{
	assert_int_equal(silences_until_gone(scan, 1, 0), 11); /* 1/3 */
}

SCAN_TEST(silence_where_nothing_is_lost)
{
	assert_int_equal(silences_until_gone(scan, 100, 0), 3); /* 1/102 */
}

SCAN_TEST(silence_where_half_is_lost)
{
	assert_int_equal(silences_until_gone(scan, 30, 1), 17); /* 31/62 */
}

SCAN_TEST(one_is_enough)
{
	scan->config.sought = RP_STATE_OPEN;
	scan->config.sought_first = true;
	planned_open(scan, "10.0.0.1", "22,80,443");
	planned_answer(scan, RP_STATE_CLOSED);
	assert_int_equal(planned_ends(scan), INT64_MAX);
	planned_answer(scan, RP_STATE_OPEN);
	assert_int_equal(planned_ends(scan), INT64_MIN);
}

/* Of three targets, port 22 of the second. */
static void open_part(struct planned *scan)
{
	planned_set(scan, "10.0.0.1", "");
	planned_add(scan, "10.0.0.2", "22");
	planned_add(scan, "10.0.0.3", "");
	planned_start(scan);
}

SCAN_TEST(part_of_a_scan)
{
	open_part(scan);
	planned_answer(scan, RP_STATE_OPEN);
	assert_int_equal(scan->probe.target, 1);
	assert_int_equal(scan->probe.port, 22);
	assert_int_equal(planned_next(scan), PLAN_WAIT);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(scan->port_events, 1);
	assert_int_equal(planned_ends(scan), INT64_MIN);
}

/* Targets may have as many ports as they like, each its own, and each is probed for these. */
SCAN_TEST(each_has_its_own)
{
	unsigned count[3] = {0};

	planned_set(scan, "10.0.0.1", "7");
	planned_add(scan, "10.0.0.2", "1000-1099");
	planned_add(scan, "10.0.0.3", "7,8");
	planned_start(scan);
	for (unsigned i = 0; i < 103; i++) {
		planned_answer(scan, RP_STATE_CLOSED);
		assert_true(scan->probe.target == 1 ? scan->probe.port >= 1000
						    : scan->probe.port <= 7U + (scan->probe.target == 2));
		assert_int_equal(scan->port.port, scan->probe.port);
		assert_int_equal(scan->port.target, scan->probe.target);
		count[scan->probe.target]++;
	}
	assert_int_equal(planned_next(scan), PLAN_WAIT);
	assert_int_equal(count[0], 1);
	assert_int_equal(count[1], 100);
	assert_int_equal(count[2], 2);
}

/* After 10 open ports and none closed three more are asked for, in the dynamic range and not among the asked. */
SCAN_TEST(canaries)
{
	planned_open(scan, "10.0.0.1", "1-10,60000-65535");
	for (unsigned i = 0; i < 10 + 5536; i++) {
		planned_answer(scan, RP_STATE_OPEN);
		assert_true(i < 10 || scan->probe.port >= 60000);
	}
	assert_int_equal(scan->host_events, 0);
	for (unsigned i = 0; i < 3; i++) {
		planned_answer(scan, RP_STATE_OPEN);
		assert_in_range(scan->probe.port, 49152, 59999);
	}
	assert_int_equal(scan->port_events, 5546); /* of canaries nobody is told */
	assert_int_equal(scan->host_events, 1);
	assert_true(scan->host.findings & RP_FINDING_ANSWERS_EVERYTHING);
}

/* A target of which nothing is asked does not keep the others from their timeouts. */
SCAN_TEST(who_is_not_asked_holds_up_no_timeout)
{
	scan->config.host_timeout = 500 * MS;
	open_part(scan);
	scan->now = 10 * MS; /* not long after the machine was started */
	assert_int_equal(planned_probe(scan).target, 1);
	scan->type->wake(scan->plan, scan->now);
	planned_fetch(scan);
	planned_wake_at(scan, 510 * MS);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(scan->port.reason, RP_REASON_HOST_TIMEOUT);
}

/* What this host could not send is no word about the port, before or after another. */
SCAN_TEST(unsent_is_the_least_word)
{
	scan->config.max_retries = 1;
	planned_open(scan, "10.0.0.1", "22");
	struct rp_probe first = planned_probe(scan);
	planned_silence(scan);
	struct rp_probe second = planned_probe(scan);
	planned_tell(scan, PLAN_NEWS_UNSENT, &second, RP_STATE_UNKNOWN);
	assert_int_equal(scan->port.state, RP_STATE_UNKNOWN);
	planned_tell(scan, PLAN_NEWS_REPLY, &first, RP_STATE_CLOSED);
	assert_int_equal(scan->port.state, RP_STATE_CLOSED);
	assert_false(scan->port.conflict);

	scan->config.max_retries = 0;
	planned_open(scan, "10.0.0.1", "22");
	first = planned_probe(scan);
	planned_silence(scan);
	assert_int_equal(scan->port.state, RP_STATE_FILTERED);
	planned_tell(scan, PLAN_NEWS_UNSENT, &first, RP_STATE_UNKNOWN);
	assert_int_equal(scan->port.state, RP_STATE_FILTERED);
}

/* A SYN-ACK after silence or an ICMP error contradicts no RST. */
SCAN_TEST(only_a_reset_is_a_conflict)
{
	planned_open(scan, "10.0.0.1", "22,23");
	struct rp_probe first = planned_probe(scan), second = planned_probe(scan);
	planned_tell(scan, PLAN_NEWS_ERROR, &first, RP_STATE_FILTERED);
	planned_tell(scan, PLAN_NEWS_REPLY, &first, RP_STATE_OPEN);
	assert_int_equal(scan->port.state, RP_STATE_OPEN);
	assert_false(scan->port.conflict);
	planned_tell(scan, PLAN_NEWS_REPLY, &second, RP_STATE_CLOSED);
	planned_tell(scan, PLAN_NEWS_REPLY, &second, RP_STATE_OPEN);
	assert_true(scan->port.conflict);
}

/* What the host says itself counts, whether the error from the way is read before it or after it. */
SCAN_TEST(a_reset_outweighs_an_error)
{
	planned_open(scan, "10.0.0.1", "22,23");
	struct rp_probe first = planned_probe(scan), second = planned_probe(scan);
	planned_tell(scan, PLAN_NEWS_ERROR, &first, RP_STATE_FILTERED);
	planned_tell(scan, PLAN_NEWS_ERROR, &second, RP_STATE_FILTERED);
	assert_int_equal(scan->host_events, 0);
	planned_tell_more(scan, PLAN_NEWS_REPLY, &first, RP_STATE_CLOSED);
	assert_int_equal(scan->port.state, RP_STATE_CLOSED);
	assert_false(scan->port.conflict);
	planned_tell_more(scan, PLAN_NEWS_ERROR, &first, RP_STATE_FILTERED);
	assert_int_equal(scan->port_events, 3);
	planned_wake_at(scan, scan->type->alarm(scan->plan));
	assert_int_equal(scan->host_events, 1);
}

/* Two of three picked at random are not everything; nor does a handful of ports without options mean anything. */
SCAN_TEST(findings_want_evidence)
{
	planned_open(scan, "10.0.0.1", "1-10");
	for (unsigned i = 0; i < 12; i++)
		planned_answer(scan, RP_STATE_OPEN);
	planned_answer(scan, RP_STATE_CLOSED);
	assert_int_equal(scan->host_events, 0); /* a RST may be followed by a SYN-ACK */
	planned_wake_at(scan, scan->type->alarm(scan->plan));
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(scan->host.findings, RP_FINDING_EMPTY_SYN_ACKS);

	planned_open(scan, "10.0.0.1", "1-9");
	for (unsigned i = 0; i < 9; i++)
		planned_answer(scan, RP_STATE_OPEN);
	assert_int_equal(scan->host_events, 1);
	assert_int_equal(scan->host.findings, 0);
}

/* A limit of ICMP errors is likely with three silent ports for each that is refused. */
SCAN_TEST(few_refusals_among_silence)
{
	for (unsigned silent = 2; silent <= 3; silent++) {
		scan->config.max_retries = 0;
		planned_open(scan, "10.0.0.1", silent == 2 ? "1-3" : "1-4");
		planned_probe(scan);
		planned_tell(scan, PLAN_NEWS_ERROR, &scan->probe, RP_STATE_FILTERED);
		for (unsigned i = 0; i < silent; i++) {
			planned_probe(scan);
			planned_silence(scan);
		}
		planned_wake_at(scan, scan->type->alarm(scan->plan));
		assert_int_equal(scan->host.findings, silent == 3 ? RP_FINDING_ICMP_LIMITED : 0);
	}
}

/* What nobody can prove about a port that was not tried yet is not told with it. */
SCAN_TEST(doubt_before_the_first_try)
{
	struct rp_probe about = {.target = 0, .port = 22};

	planned_open(scan, "10.0.0.1", "22");
	plan_scan.news(scan->plan, 0,
		       &(struct plan_news){.kind = PLAN_NEWS_DOUBT, .probe = &about, .remark = RP_REMARK_BARE_RESET});
	planned_fetch(scan);
	planned_answer(scan, RP_STATE_OPEN);
	assert_int_equal(scan->port.remarks, 0);
}

/* All dynamic ports are asked for, so none is left to pick: 19 of 20 open mean the same. */
SCAN_TEST(nearly_all_open)
{
	for (unsigned more = 0; more < 2; more++) {
		unsigned open = 16384 - 16384 / 20 + more;

		planned_open(scan, "10.0.0.1", "49152-65535");
		for (unsigned i = 0; i < 16384; i++)
			planned_answer(scan, i < open ? RP_STATE_OPEN : RP_STATE_CLOSED);
		planned_answer(scan, RP_STATE_OPEN); /* the last open one again */
		assert_int_equal(scan->probe.port, 49152 + open - 1);
		planned_wake_at(scan, scan->type->alarm(scan->plan));
		assert_int_equal(scan->host_events, 1);
		assert_int_equal(!!(scan->host.findings & RP_FINDING_ANSWERS_EVERYTHING), more);
	}
}
