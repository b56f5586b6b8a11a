/* SPDX-License-Identifier: MIT */
/* Targets that hold a connection half open: what an ACK of an earlier probe means, and SYN-ACKs that are repeated. */
#include "fake.h"

/* The SYN-ACK, RST-ACK ... that acknowledges the probe sent last. */
static struct fake_packet answer_of(const struct fake *fake, uint8_t flags)
{
	return fake_segment(&fake->sent, flags, fake_isn(&fake->sent) + 1);
}

/* The SYN-ACK of the first try was lost: the second finds the connection half open, and gets an ACK of the first. */
SYN_TEST(ack_of_an_earlier_try_is_open)
{
	fake_start(fake);
	struct fake_packet answer = answer_of(fake, RP_TCP_ACK);
	fake_run(fake, 1500 * MS);
	assert_int_equal(fake->sent_count, 2);
	fake_input(fake, answer);
	const struct rp_event *port = fake_last(fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_OPEN);
	assert_int_equal(port->reason, RP_REASON_ACK);
	assert_int_equal(port->attempt, 2);
	assert_int_equal(port->rtt, 500 * MS); /* only the second can have caused it */
}

/* Which of two later tries caused it cannot be known. */
SYN_TEST(ack_of_two_tries_before_has_no_round_trip)
{
	fake_start(fake);
	struct fake_packet answer = answer_of(fake, RP_TCP_ACK);
	fake_run(fake, 2500 * MS);
	assert_int_equal(fake->sent_count, 3);
	fake_input(fake, answer);
	const struct rp_event *port = fake_last(fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_OPEN);
	assert_int_equal(port->attempt, 3);
	assert_int_equal(port->rtt, RP_TIME_NONE);
}

/* Two probes are under way between the same ports, and one of them was lost: which, nobody knows. */
SYN_TEST(ack_with_two_under_way_has_no_round_trip)
{
	fake->config.plan = RP_PLAN_SERIES;
	fake->config.count = 0;
	fake->config.interval = 10 * MS;
	fake_open(fake);
	assert_int_equal(fake_send(fake), 1);
	struct fake_packet first = answer_of(fake, RP_TCP_ACK);
	fake_input(fake, answer_of(fake, RP_TCP_SYN | RP_TCP_ACK));
	fake_run(fake, 45 * MS); /* 3 and 5 have left from the port of 1 */
	assert_int_equal(fake->sent_count, 5);
	fake_input(fake, first);
	assert_int_equal(fake_last(fake, RP_EVENT_REPLY)->sequence, 3);
	assert_int_equal(fake_last(fake, RP_EVENT_REPLY)->rtt, RP_TIME_NONE);
}

/* RFC 5961: the SYN-ACK or our RST to it was lost, and each further SYN from that port gets an ACK of the first. All
 * of them are answered, and with the round trip of the one that is right behind. */
SYN_TEST(series_meets_a_half_open_connection)
{
	struct fake_packet first;

	fake->config.plan = RP_PLAN_SERIES;
	fake->config.count = 5;
	fake_open(fake);
	assert_int_equal(fake_send(fake), 1);
	first = answer_of(fake, RP_TCP_ACK);
	fake_input(fake, answer_of(fake, RP_TCP_SYN | RP_TCP_ACK));
	for (unsigned i = 2; i <= 5; i++) {
		fake->now += SECOND;
		assert_int_equal(fake_send(fake), 1);
		fake->now += 3 * MS;
		fake_input(fake, i % 2 == 0 ? answer_of(fake, RP_TCP_SYN | RP_TCP_ACK) : first);
		const struct rp_event *reply = fake_last(fake, RP_EVENT_REPLY);
		assert_int_equal(reply->sequence, i);
		assert_int_equal(reply->state, RP_STATE_OPEN);
		assert_int_equal(reply->rtt, i == 5 ? RP_TIME_NONE : 3 * MS);
	}
	/* Once more, and nobody waits for it. */
	unsigned before = fake->count;
	fake_input(fake, first);
	assert_int_equal(fake->events[before].kind, RP_EVENT_SUSPECT);
	assert_int_equal(fake_stats(fake).received, 5);
}

/* A challenge ACK follows what it answers: an ACK that came before the later try left was made by somebody who has
 * seen the first one, and held it back. */
SYN_TEST(ack_from_before_the_later_try)
{
	fake_start(fake);
	struct fake_packet answer = answer_of(fake, RP_TCP_ACK);
	fake_run(fake, 1500 * MS);
	assert_int_equal(fake->sent_count, 2);
	unsigned before = fake->count;
	int64_t early = fake->start + 999 * MS; /* the second left at 1000 */
	session_input(fake->session, answer.bytes, answer.length,
		      (struct rp_stamp){early, early + 5, RP_CLOCK_KERNEL, 0}, fake->now);
	assert_int_equal(fake->events[before].kind, RP_EVENT_SUSPECT);
	assert_int_equal(fake->events[before].suspicion, RP_SUSPECT_CHALLENGE);
}

/* A target that answers every SYN by an ACK of it, be it the first or a later one, holds no connection half open. */
SYN_TEST(ack_of_each_try_proves_nothing)
{
	fake->config.max_retries = 5;
	fake_open(fake);
	for (unsigned i = 0; i < 60 * 20 && !session_done(fake->session); i++) {
		unsigned before = fake->sent_count;

		fake_run(fake, 50 * MS);
		if (fake->sent_count > before)
			fake_input(fake, answer_of(fake, RP_TCP_ACK));
	}
	assert_int_equal(fake->sent_count, 3);
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_FILTERED);
}

/* An ACK alone of a try that was answered is no answer to a later one. */
SYN_TEST(ack_after_the_answer)
{
	fake_start(fake);
	struct fake_packet answer = answer_of(fake, RP_TCP_ACK);
	fake_input(fake, answer_of(fake, RP_TCP_RST | RP_TCP_ACK));
	unsigned before = fake->count;
	fake_input(fake, answer);
	assert_int_equal(fake->events[before].kind, RP_EVENT_SUSPECT);
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_CLOSED);
}

/* The target repeats its SYN-ACK after 1 and 3 s; what comes at once is the network's. */
SYN_TEST(repeated_syn_acks_are_no_duplicates)
{
	fake->config.plan = RP_PLAN_SERIES;
	fake->config.count = 0;
	fake_start(fake);
	struct fake_packet answer = answer_of(fake, RP_TCP_SYN | RP_TCP_ACK);
	fake->now += 20 * MS;
	fake_input(fake, answer);
	fake->now += 5 * MS;
	fake_input(fake, answer);
	assert_int_equal(fake_stats(fake).duplicates, 1);
	for (unsigned i = 1; i <= 2; i++) {
		fake_run(fake, 1000 * MS * i);
		fake_input(fake, answer);
		assert_int_equal(fake_last(fake, RP_EVENT_REPEATED)->sequence, 1);
		assert_int_equal(fake_last(fake, RP_EVENT_REPEATED)->rtt, RP_TIME_NONE);
	}
	assert_int_equal(fake_stats(fake).duplicates, 1);
	assert_int_equal(fake_stats(fake).repeated, 2);
	assert_int_equal(fake_stats(fake).received, 1);
	assert_int_equal(fake_stats(fake).samples, 2);
	assert_int_equal(fake_stats(fake).rtt_max, 25 * MS);
	/* A RST is never repeated. */
	answer = answer_of(fake, RP_TCP_RST | RP_TCP_ACK);
	fake_input(fake, answer);
	fake->now += 1000 * MS;
	fake_input(fake, answer);
	assert_int_equal(fake_stats(fake).duplicates, 2);
}

/* The first SYN-ACK was lost: what comes a second, or three, later than usual is no round trip of the path. What is
 * as late for another reason is. */
TEST(a_repeated_syn_ack_that_comes_first)
{
	static const struct {
		int64_t rtt;
		bool repeated;
	} cases[] = {
		{20 * MS, false},  {1024 * MS, true},  {1400 * MS, false}, {3120 * MS, true},  {2020 * MS, false},
		{7180 * MS, true}, {1010 * MS, false}, {19 * MS, false},   {4500 * MS, false},
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct fake fake;

		fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
		fake.config.plan = RP_PLAN_SERIES;
		fake.config.count = 0;
		fake_open(&fake);
		for (unsigned k = 0; k <= 20; k++) {
			fake.now = fake.start + k * SECOND;
			assert_int_equal(fake_send(&fake), 1);
			fake.now += k < 20 ? 20 * MS : cases[i].rtt;
			fake_input(&fake, answer_of(&fake, RP_TCP_SYN | RP_TCP_ACK));
		}
		const struct rp_event *reply = fake_last(&fake, RP_EVENT_REPLY);
		assert_int_equal(reply->rtt, cases[i].rtt);
		assert_int_equal(reply->remarks, cases[i].repeated ? RP_REMARK_MAYBE_REPEATED : 0);
		assert_int_equal(fake_stats(&fake).received, 21);
		assert_int_equal(fake_stats(&fake).samples, cases[i].repeated ? 20 : 21);
		assert_int_equal(fake_stats(&fake).recent.lost, 0);
		fake_fini(&fake);
	}
}
