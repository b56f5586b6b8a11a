/* SPDX-License-Identifier: MIT */
/* The engine with TCP probes on a hand-driven world: states, forgeries, retries. */
#include "fake.h"

TEST(states_of_ports)
{
	static const struct {
		uint8_t flags;
		enum rp_state state;
		enum rp_reason reason;
	} cases[] = {
		{RP_TCP_SYN | RP_TCP_ACK, RP_STATE_OPEN, RP_REASON_SYN_ACK},
		{RP_TCP_SYN | RP_TCP_ACK | RP_TCP_RST, RP_STATE_OPEN, RP_REASON_SYN_ACK},
		{RP_TCP_SYN | RP_TCP_ACK | RP_TCP_ECE, RP_STATE_OPEN, RP_REASON_SYN_ACK},
		{RP_TCP_RST | RP_TCP_ACK, RP_STATE_CLOSED, RP_REASON_RESET},
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct fake fake;

		fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
		fake_open(&fake);
		fake_send(&fake);
		struct fake_packet answer = fake_segment(&fake.sent, cases[i].flags, fake_isn(&fake.sent) + 1);
		fake_input(&fake, answer.bytes, answer.length);
		const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
		assert_int_equal(port->port, 22);
		assert_int_equal(port->state, cases[i].state);
		assert_int_equal(port->reason, cases[i].reason);
		/* A RST is final when nothing has followed it for a moment. */
		assert_int_equal(fake_count(&fake, RP_EVENT_HOST), cases[i].state == RP_STATE_OPEN);
		fake_run_until(&fake, fake.now + 10 * FAKE_MS);
		assert_int_equal(fake_count(&fake, RP_EVENT_HOST), 1);
		assert_true(session_done(fake.session));
		fake_fini(&fake);
	}
}

TEST(forged_segments)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
	fake_open(&fake);
	fake_send(&fake);
	uint32_t isn = fake_isn(&fake.sent);
	static const struct {
		uint8_t flags;
		uint32_t delta;
		enum rp_suspicion suspicion;
	} cases[] = {
		{RP_TCP_SYN | RP_TCP_ACK, 0, RP_SUSPECT_ACKNOWLEDGMENT},
		{RP_TCP_SYN | RP_TCP_ACK, 2, RP_SUSPECT_ACKNOWLEDGMENT},
		{RP_TCP_RST | RP_TCP_ACK, 77, RP_SUSPECT_ACKNOWLEDGMENT},
		{RP_TCP_RST, 1, RP_SUSPECT_UNPROVEN},
		{RP_TCP_SYN, 1, RP_SUSPECT_UNPROVEN},
		{RP_TCP_ACK, 1, RP_SUSPECT_CHALLENGE}, /* no later try can have caused it */
		{RP_TCP_ACK, 2, RP_SUSPECT_CHALLENGE},
		{RP_TCP_ACK, 0, RP_SUSPECT_CHALLENGE},
		{RP_TCP_SYN | RP_TCP_RST, 1, RP_SUSPECT_FLAGS},
		{0, 1, RP_SUSPECT_FLAGS},
		{RP_TCP_FIN | RP_TCP_ACK, 1, RP_SUSPECT_FLAGS},
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct fake_packet forged = fake_segment(&fake.sent, cases[i].flags, isn + cases[i].delta);
		fake_expect_suspect(&fake, &forged, cases[i].suspicion);
	}
	struct fake_packet forged = fake_segment(&fake.sent, RP_TCP_SYN | RP_TCP_ACK, isn + 1);
	forged.bytes[37] ^= 1;
	fake_expect_suspect(&fake, &forged, RP_SUSPECT_CHECKSUM);
	assert_int_equal(fake_count(&fake, RP_EVENT_PORT), 0);
	fake_fini(&fake);
}

TEST(unfilled_checksum_is_accepted)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet answer = fake_segment(&fake.sent, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake.sent) + 1);
	uint16_t partial =
		checksum_fold(checksum_pseudo(rp_addr_ipv4(0x0a000002), rp_addr_ipv4(0x0a000001), RP_PROTOCOL_TCP, 20));
	answer.bytes[36] = (uint8_t)(partial >> 8);
	answer.bytes[37] = (uint8_t)partial;
	fake_input(&fake, answer.bytes, answer.length);
	assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->state, RP_STATE_OPEN);
	fake_fini(&fake);
}

TEST(icmp_must_quote_our_sequence_number)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet forged = fake.sent;
	forged.bytes[24] ^= 1;
	struct fake_packet error = fake_icmp_error(&forged, 0x0a0000fe, RP_ICMP_DESTINATION_UNREACHABLE, 13, 28);
	fake_expect_suspect(&fake, &error, RP_SUSPECT_UNVERIFIED);
	error = fake_icmp_error(&fake.sent, 0x0a0000fe, RP_ICMP_DESTINATION_UNREACHABLE, 13, 28);
	fake_input(&fake, error.bytes, error.length);
	const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_FILTERED);
	assert_int_equal(port->reason, RP_REASON_ADMIN_PROHIBITED);
	assert_int_equal(rp_addr_ipv4_value(port->from), 0x0a0000fe);
	fake_fini(&fake);
}

TEST(silent_port_is_retried_then_filtered)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
	fake_open(&fake);
	int64_t start = fake.now;
	fake_run_until(&fake, start + 60000 * FAKE_MS);
	assert_true(session_done(fake.session));
	assert_int_equal(fake.sent_count, 3);
	assert_int_equal(fake.now - start, 3000 * FAKE_MS);
	const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_FILTERED);
	assert_int_equal(port->reason, RP_REASON_NO_RESPONSE);
	assert_int_equal(port->attempt, 3);
	fake_fini(&fake);
}

TEST(answer_to_the_first_try_counts_after_the_second_left)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet answer = fake_segment(&fake.sent, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake.sent) + 1);
	fake_run_until(&fake, fake.now + 1500 * FAKE_MS);
	assert_int_equal(fake.sent_count, 2);
	fake_input(&fake, answer.bytes, answer.length);
	const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_OPEN);
	assert_int_equal(port->rtt, 1500 * FAKE_MS); /* of the try that was answered */
	assert_int_equal(port->attempt, 1);
	fake_fini(&fake);
}

/* The SYN-ACK of the first try was lost: the second finds the connection half open, and gets an ACK of the first. */
TEST(ack_of_an_earlier_try_is_open)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet answer = fake_segment(&fake.sent, RP_TCP_ACK, fake_isn(&fake.sent) + 1);
	fake_run_until(&fake, fake.now + 1500 * FAKE_MS);
	assert_int_equal(fake.sent_count, 2);
	fake_input(&fake, answer.bytes, answer.length);
	const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_OPEN);
	assert_int_equal(port->reason, RP_REASON_ACK);
	assert_int_equal(port->rtt, RP_TIME_NONE);
	fake_fini(&fake);
}

/* The target believes that a connection with our port exists: the next try goes at once, from the other port. */
TEST(challenge_is_answered_from_the_other_port)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
	fake_open(&fake);
	fake_send(&fake);
	assert_int_equal(fake_source_port(&fake.sent), 40000);
	struct fake_packet first = fake.sent;
	struct fake_packet challenge = fake_segment(&first, RP_TCP_ACK, 12345);
	fake_expect_suspect(&fake, &challenge, RP_SUSPECT_CHALLENGE);
	assert_int_equal(fake_send(&fake), 1);
	assert_int_equal(fake_source_port(&fake.sent), 40001);
	/* Once: there is no third port. */
	challenge = fake_segment(&fake.sent, RP_TCP_ACK, 12345);
	fake_expect_suspect(&fake, &challenge, RP_SUSPECT_CHALLENGE);
	assert_int_equal(fake_send(&fake), 0);
	/* The right number to the wrong one of our ports is no answer. */
	struct fake_packet answer = fake_segment(&first, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake.sent) + 1);
	fake_expect_suspect(&fake, &answer, RP_SUSPECT_ACKNOWLEDGMENT);
	answer = fake_segment(&fake.sent, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake.sent) + 1);
	fake_input(&fake, answer.bytes, answer.length);
	const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_OPEN);
	assert_int_equal(port->attempt, 2);
	assert_int_equal(port->remarks, RP_REMARK_CHALLENGED);
	fake_fini(&fake);
}

/* What is not proven changes no state and no number of tries, and is told with the port. */
TEST(doubts_are_remarked)
{
	static const struct {
		uint8_t flags; /* 0: an ICMP error about another number */
		unsigned remark;
	} cases[] = {
		{RP_TCP_RST, RP_REMARK_BARE_RESET}, {RP_TCP_SYN, RP_REMARK_BARE_SYN},
		{RP_TCP_ACK, RP_REMARK_CHALLENGED}, {0, RP_REMARK_UNVERIFIED},
		{RP_TCP_SYN | RP_TCP_ACK, 0}, /* acknowledges another: a forgery, and nothing else */
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct fake fake;

		fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
		fake_open(&fake);
		fake_send(&fake);
		struct fake_packet quoted = fake.sent;
		quoted.bytes[24] ^= 1;
		struct fake_packet doubt = fake_segment(&fake.sent, cases[i].flags, 99);
		if (cases[i].flags == 0)
			doubt = fake_icmp_error(&quoted, 0x0a0000fe, RP_ICMP_DESTINATION_UNREACHABLE, 13, 28);
		for (unsigned k = 0; k < 20; k++)
			fake_input(&fake, doubt.bytes, doubt.length);
		fake_run_until(&fake, fake.now + 60000 * FAKE_MS);
		const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
		assert_int_equal(port->state, RP_STATE_FILTERED);
		assert_int_equal(port->reason, RP_REASON_NO_RESPONSE);
		assert_int_equal(port->remarks, cases[i].remark);
		assert_int_equal(fake.sent_count, 3);
		fake_fini(&fake);
	}
}

/* Without a further try the challenge is told, and no more. */
TEST(no_retries_means_none)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
	fake.config.max_retries = 0;
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet challenge = fake_segment(&fake.sent, RP_TCP_ACK, 12345);
	fake_input(&fake, challenge.bytes, challenge.length);
	fake_run_until(&fake, fake.now + 60000 * FAKE_MS);
	assert_int_equal(fake.sent_count, 1);
	assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->remarks, RP_REMARK_CHALLENGED);
	fake_fini(&fake);
}

TEST(short_acknowledgment_is_remarked)
{
	struct fake fake;

	for (uint32_t counted = 0; counted < 2; counted++) {
		fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
		fake_open(&fake);
		fake_send(&fake);
		struct fake_packet answer =
			fake_segment(&fake.sent, RP_TCP_RST | RP_TCP_ACK, fake_isn(&fake.sent) + counted);
		fake_input(&fake, answer.bytes, answer.length);
		assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->state, RP_STATE_CLOSED);
		assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->remarks, counted ? 0 : RP_REMARK_SHORT_ACK);
		fake_fini(&fake);
	}
}

TEST(syn_ack_wins_over_reset)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22,23");
	fake_open(&fake);
	fake_send(&fake);
	uint32_t isn = fake_isn(&fake.sent);
	struct fake_packet reset = fake_segment(&fake.sent, RP_TCP_RST | RP_TCP_ACK, isn + 1);
	struct fake_packet open = fake_segment(&fake.sent, RP_TCP_SYN | RP_TCP_ACK, isn + 1);
	fake_input(&fake, reset.bytes, reset.length);
	assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->state, RP_STATE_CLOSED);
	fake_input(&fake, open.bytes, open.length);
	assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->state, RP_STATE_OPEN);
	fake_input(&fake, reset.bytes, reset.length);
	assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->state, RP_STATE_OPEN);
	fake_fini(&fake);
}

TEST(series_of_syns)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "443");
	fake.config.plan = RP_PLAN_PING;
	fake.config.count = 2;
	fake_open(&fake);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fake_send(&fake), 1);
		struct fake_packet answer = fake_segment(&fake.sent, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake.sent) + 1);
		fake.now += 1000 * FAKE_MS;
		fake_input(&fake, answer.bytes, answer.length);
		assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->sequence, i + 1);
	}
	session_expire(fake.session, fake.now);
	assert_true(session_done(fake.session));
	assert_int_equal(fake_stats(&fake).received, 2);
	fake_fini(&fake);
}
