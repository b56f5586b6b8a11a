/* SPDX-License-Identifier: MIT */
/* The engine with TCP probes on a hand-driven world: states, forgeries, retries. */
#include "fake.h"

#define ROUTER 0x0a0000fe

/* The SYN-ACK, RST-ACK ... that acknowledges the probe sent last. */
static struct fake_packet answer_of(const struct fake *fake, uint8_t flags)
{
	return fake_segment(&fake->sent, flags, fake_isn(&fake->sent) + 1);
}

static struct fake_packet prohibited(const struct fake_packet *probe)
{
	return fake_icmp_error(probe, ROUTER, RP_ICMP_DESTINATION_UNREACHABLE, 13, 28);
}

/* The probe sent last, but with another sequence number. */
static struct fake_packet other_probe(const struct fake *fake)
{
	struct fake_packet other = fake->sent;

	other.bytes[24] ^= 1;
	return other;
}

TEST(states_of_ports)
{
	static const struct {
		uint8_t flags;
		enum rp_state state;
		enum rp_reason reason;
	} cases[] = {
		{RP_TCP_SYN | RP_TCP_ACK, RP_STATE_OPEN, RP_REASON_SYN_ACK},
		{RP_TCP_SYN | RP_TCP_ACK | RP_TCP_RST, RP_STATE_CLOSED, RP_REASON_RESET}, /* RFC 9293 3.10.7.3 */
		{RP_TCP_SYN | RP_TCP_ACK | RP_TCP_ECE, RP_STATE_OPEN, RP_REASON_SYN_ACK},
		{RP_TCP_RST | RP_TCP_ACK, RP_STATE_CLOSED, RP_REASON_RESET},
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct fake fake;

		fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
		fake_start(&fake);
		fake_input(&fake, answer_of(&fake, cases[i].flags));
		const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
		assert_int_equal(port->port, 22);
		assert_int_equal(port->state, cases[i].state);
		assert_int_equal(port->reason, cases[i].reason);
		/* A RST is final when nothing has followed it for a moment. */
		assert_int_equal(fake_count(&fake, RP_EVENT_HOST), cases[i].state == RP_STATE_OPEN);
		fake_run(&fake, 10 * MS);
		assert_int_equal(fake_count(&fake, RP_EVENT_HOST), 1);
		assert_true(session_done(fake.session));
		fake_fini(&fake);
	}
}

SYN_TEST(forged_segments)
{
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

	fake_start(fake);
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		fake_expect_suspect(fake,
				    fake_segment(&fake->sent, cases[i].flags, fake_isn(&fake->sent) + cases[i].delta),
				    cases[i].suspicion);
	struct fake_packet damaged = answer_of(fake, RP_TCP_SYN | RP_TCP_ACK);
	damaged.bytes[37] ^= 1;
	fake_expect_suspect(fake, damaged, RP_SUSPECT_CHECKSUM);
	assert_int_equal(fake_count(fake, RP_EVENT_PORT), 0);
}

SYN_TEST(unfilled_checksum_is_accepted)
{
	fake_start(fake);
	struct fake_packet answer = answer_of(fake, RP_TCP_SYN | RP_TCP_ACK);
	uint16_t partial =
		checksum_fold(checksum_pseudo(rp_addr_ipv4(0x0a000002), rp_addr_ipv4(0x0a000001), RP_PROTOCOL_TCP, 20));
	answer.bytes[36] = (uint8_t)(partial >> 8);
	answer.bytes[37] = (uint8_t)partial;
	fake_input(fake, answer);
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_OPEN);
}

SYN_TEST(icmp_must_quote_our_sequence_number)
{
	fake_start(fake);
	struct fake_packet other = other_probe(fake);
	fake_expect_suspect(fake, prohibited(&other), RP_SUSPECT_UNVERIFIED);
	fake_input(fake, prohibited(&fake->sent));
	const struct rp_event *port = fake_last(fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_FILTERED);
	assert_int_equal(port->reason, RP_REASON_ADMIN_PROHIBITED);
	assert_int_equal(rp_addr_ipv4_value(port->from), ROUTER);
}

SYN_TEST(silent_port_is_retried_then_filtered)
{
	fake_open(fake);
	fake_run(fake, 60 * SECOND);
	assert_true(session_done(fake->session));
	assert_int_equal(fake->sent_count, 3);
	assert_int_equal(fake->now - fake->start, 3 * SECOND);
	const struct rp_event *port = fake_last(fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_FILTERED);
	assert_int_equal(port->reason, RP_REASON_NO_RESPONSE);
	assert_int_equal(port->attempt, 3);
}

SYN_TEST(answer_to_the_first_try_counts_after_the_second_left)
{
	fake_start(fake);
	struct fake_packet answer = answer_of(fake, RP_TCP_SYN | RP_TCP_ACK);
	fake_run(fake, 1500 * MS);
	assert_int_equal(fake->sent_count, 2);
	fake_input(fake, answer);
	const struct rp_event *port = fake_last(fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_OPEN);
	assert_int_equal(port->rtt, 1500 * MS); /* of the try that was answered */
	assert_int_equal(port->attempt, 1);
}

/* The target believes that a connection with our port exists: the next try goes at once, from the other port. */
SYN_TEST(challenge_is_answered_from_the_other_port)
{
	fake_start(fake);
	assert_int_equal(fake_source_port(&fake->sent), 40000);
	struct fake_packet first = fake->sent;
	fake_expect_suspect(fake, fake_segment(&first, RP_TCP_ACK, 12345), RP_SUSPECT_CHALLENGE);
	assert_int_equal(fake_send(fake), 1);
	assert_int_equal(fake_source_port(&fake->sent), 40001);
	/* Once: there is no third port. */
	fake_expect_suspect(fake, fake_segment(&fake->sent, RP_TCP_ACK, 12345), RP_SUSPECT_CHALLENGE);
	assert_int_equal(fake_send(fake), 0);
	/* The right number to the wrong one of our ports is no answer. */
	fake_expect_suspect(fake, fake_segment(&first, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake->sent) + 1),
			    RP_SUSPECT_ACKNOWLEDGMENT);
	fake_input(fake, answer_of(fake, RP_TCP_SYN | RP_TCP_ACK));
	const struct rp_event *port = fake_last(fake, RP_EVENT_PORT);
	assert_int_equal(port->state, RP_STATE_OPEN);
	assert_int_equal(port->attempt, 2);
	assert_int_equal(port->remarks, RP_REMARK_CHALLENGED);
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
		fake_start(&fake);
		struct fake_packet other = other_probe(&fake);
		struct fake_packet doubt =
			cases[i].flags == 0 ? prohibited(&other) : fake_segment(&fake.sent, cases[i].flags, 99);
		for (unsigned k = 0; k < 20; k++)
			fake_input(&fake, doubt);
		fake_run(&fake, 60 * SECOND);
		const struct rp_event *port = fake_last(&fake, RP_EVENT_PORT);
		assert_int_equal(port->state, RP_STATE_FILTERED);
		assert_int_equal(port->reason, RP_REASON_NO_RESPONSE);
		assert_int_equal(port->remarks, cases[i].remark);
		assert_int_equal(fake.sent_count, 3);
		fake_fini(&fake);
	}
}

/* Without a further try the challenge is told, and no more. */
SYN_TEST(no_retries_means_none)
{
	fake->config.max_retries = 0;
	fake_start(fake);
	fake_input(fake, fake_segment(&fake->sent, RP_TCP_ACK, 12345));
	fake_run(fake, 60 * SECOND);
	assert_int_equal(fake->sent_count, 1);
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->remarks, RP_REMARK_CHALLENGED);
}

TEST(short_acknowledgment_is_remarked)
{
	for (uint32_t counted = 0; counted < 2; counted++) {
		struct fake fake;

		fake_init(&fake, RP_PROBE_TCP_SYN, "10.0.0.2", "22");
		fake_start(&fake);
		fake_input(&fake, fake_segment(&fake.sent, RP_TCP_RST | RP_TCP_ACK, fake_isn(&fake.sent) + counted));
		assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->state, RP_STATE_CLOSED);
		assert_int_equal(fake_last(&fake, RP_EVENT_PORT)->remarks, counted ? 0 : RP_REMARK_SHORT_ACK);
		fake_fini(&fake);
	}
}

/* SYN, ACK and RST at once: refused, and remarked. Only a RST without SYN may fail to count the SYN. */
SYN_TEST(a_syn_ack_with_reset_is_closed)
{
	uint8_t flags = RP_TCP_SYN | RP_TCP_ACK | RP_TCP_RST;

	fake_start(fake);
	fake_expect_suspect(fake, fake_segment(&fake->sent, flags, fake_isn(&fake->sent)), RP_SUSPECT_ACKNOWLEDGMENT);
	fake_input(fake, answer_of(fake, flags));
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_CLOSED);
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->remarks, RP_REMARK_SYN_RESET);
}

FAKE_TEST(syn_ack_wins_over_reset, RP_PROBE_TCP_SYN, "10.0.0.2", "22,23")
{
	fake_start(fake);
	struct fake_packet reset = answer_of(fake, RP_TCP_RST | RP_TCP_ACK);
	fake_input(fake, reset);
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_CLOSED);
	fake_input(fake, answer_of(fake, RP_TCP_SYN | RP_TCP_ACK));
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_OPEN);
	fake_input(fake, reset);
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_OPEN);
}

SYN_TEST(series_of_syns)
{
	fake->config.plan = RP_PLAN_SERIES;
	fake->config.count = 2;
	fake_open(fake);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fake_send(fake), 1);
		fake->now += 1 * SECOND;
		fake_input(fake, answer_of(fake, RP_TCP_SYN | RP_TCP_ACK));
		assert_int_equal(fake_last(fake, RP_EVENT_REPLY)->sequence, i + 1);
	}
	session_expire(fake->session, fake->now, fake->now);
	assert_true(session_done(fake->session));
	assert_int_equal(fake_stats(fake).received, 2);
}

/* One was lost, the next is under way, the one behind answered when the run is stopped: the outage was over with
 * that. A challenge changes nothing of the ports' turns. */
SYN_TEST(outage_of_syns_ends_behind_one_in_flight)
{
	fake->config.plan = RP_PLAN_SERIES;
	fake->config.count = 0;
	fake->config.timeout = 1500 * MS;
	fake_start(fake);
	fake_run(fake, 1600 * MS);
	assert_int_equal(fake_last(fake, RP_EVENT_OUTAGE)->outage_state, RP_OUTAGE_BEGINS);
	fake_expect_suspect(fake, fake_segment(&fake->sent, RP_TCP_ACK, 12345), RP_SUSPECT_CHALLENGE);
	fake_run(fake, 500 * MS);
	assert_int_equal(fake->sent_count, 3);
	assert_int_equal(fake_source_port(&fake->sent), 40001); /* 1 and 3 from the second port */
	fake_input(fake, answer_of(fake, RP_TCP_SYN | RP_TCP_ACK));
	assert_int_equal(fake_count(fake, RP_EVENT_OUTAGE), 1);
	assert_int_equal(fake_stats(fake).current.first, 0); /* answered behind it: it does not go on */
	session_end(fake->session, fake->start + 2200 * MS, RP_END_STOPPED, 0);
	assert_int_equal(fake_count(fake, RP_EVENT_OUTAGE), 2);
	assert_int_equal(fake_last(fake, RP_EVENT_OUTAGE)->outage_state, RP_OUTAGE_ENDS);
	assert_int_equal(fake_last(fake, RP_EVENT_OUTAGE)->sequence, 1);
	assert_int_equal(fake_stats(fake).in_flight, 1);
	assert_int_equal(fake_stats(fake).longest.end, fake->start + 2100 * MS);
}

/* A target that takes the data of a SYN acknowledges it, too. */
SYN_TEST(data_may_be_acknowledged)
{
	fake->config.payload_length = 10;
	fake_start(fake);
	fake_expect_suspect(fake, fake_segment(&fake->sent, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake->sent) + 10),
			    RP_SUSPECT_ACKNOWLEDGMENT);
	fake_input(fake, fake_segment(&fake->sent, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake->sent) + 11));
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_OPEN);
}

/* The kernel has no room yet: whoever answers now has guessed. */
SYN_TEST(answer_before_the_probe)
{
	struct frame frame = {.bytes = fake->sent.bytes, .size = sizeof fake->sent.bytes};

	fake_open(fake);
	assert_int_equal(session_next(fake->session, fake->now, &frame), 1);
	fake->sent.length = frame.length;
	struct fake_packet answer = answer_of(fake, RP_TCP_SYN | RP_TCP_ACK);
	fake_expect_suspect(fake, answer, RP_SUSPECT_ACKNOWLEDGMENT);
	session_sent(fake->session, &frame, fake->now, 0);
	fake_input(fake, answer);
	assert_int_equal(fake_last(fake, RP_EVENT_PORT)->state, RP_STATE_OPEN);
}

/* The challenged try's own timeout brings no third one early. */
SYN_TEST(timeout_of_the_try_before)
{
	fake_start(fake);
	fake_run(fake, 500 * MS);
	fake_input(fake, fake_segment(&fake->sent, RP_TCP_ACK, 12345));
	assert_int_equal(fake_send(fake), 1);
	fake_run(fake, 900 * MS);
	assert_int_equal(fake->sent_count, 2);
	fake_run(fake, 200 * MS);
	assert_int_equal(fake->sent_count, 3);
}
