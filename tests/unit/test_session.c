/* SPDX-License-Identifier: MIT */
/* The engine on a hand-driven world: what each kind of packet, silence and refusal becomes. */
#include "fake.h"

#include <errno.h>

TEST(answered)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	assert_int_equal(fake_send(&fake), 1);
	session_tx_stamp(fake.session, fake.sent.slot, (struct rp_stamp){fake.now + 100, 0, RP_CLOCK_KERNEL, 0});
	struct fake_packet reply = fake_echo_reply(&fake.sent);
	fake.now += 5 * FAKE_MS;
	session_input(fake.session, reply.bytes, reply.length, (struct rp_stamp){fake.now - 300, 0, RP_CLOCK_KERNEL, 0},
		      fake.now);

	const struct rp_event *event = fake_last(&fake, RP_EVENT_REPLY);
	assert_int_equal(event->sequence, 1);
	assert_int_equal(event->rtt, 5 * FAKE_MS - 400);
	assert_int_equal(event->held, 100);
	assert_int_equal(event->woken, 300);
	assert_true(event->authenticated);
	assert_int_equal(event->wrong_data_offset, UINT32_MAX);
	assert_int_equal(event->wall, event->time + 5);
	session_expire(fake.session, fake.now);
	assert_true(session_done(fake.session));
	assert_int_equal(fake_last(&fake, RP_EVENT_DONE)->end, RP_END_COMPLETE);
	assert_int_equal(fake_stats(&fake).received, 1);
	fake_fini(&fake);
}

/* The answer to a probe whose stamps are those; the round trip that is told. */
static const struct rp_event *answer_with(struct fake *fake, enum rp_clock best, struct rp_stamp tx, struct rp_stamp rx)
{
	fake_init(fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake->config.clock = best;
	fake_open(fake);
	fake_send(fake);
	tx.ns += fake->now;
	rx.ns += fake->now;
	session_tx_stamp(fake->session, fake->sent.slot, tx);
	struct fake_packet reply = fake_echo_reply(&fake->sent);
	session_input(fake->session, reply.bytes, reply.length, rx, fake->now + 900000);
	return fake_last(fake, RP_EVENT_REPLY);
}

TEST(best_clock_of_both_ends)
{
	const struct rp_stamp tx = {.ns = 1000, .clock = RP_CLOCK_KERNEL, .hardware = 777000};
	const struct rp_stamp rx = {.ns = 501000, .clock = RP_CLOCK_KERNEL, .hardware = 777000 + 450000};
	const struct rp_stamp bare = {.ns = 501000, .clock = RP_CLOCK_KERNEL};
	const struct rp_stamp stepped = {.ns = 501000, .clock = RP_CLOCK_KERNEL, .hardware = INT64_C(1) << 60};
	struct fake fake;

	const struct rp_event *event = answer_with(&fake, RP_CLOCK_HARDWARE, tx, rx);
	assert_int_equal(event->rtt, 450000);
	assert_int_equal(event->clock, RP_CLOCK_HARDWARE);
	fake_fini(&fake);
	event = answer_with(&fake, RP_CLOCK_HARDWARE, tx, bare); /* one end has none */
	assert_int_equal(event->rtt, 500000);
	assert_int_equal(event->clock, RP_CLOCK_KERNEL);
	fake_fini(&fake);
	event = answer_with(&fake, RP_CLOCK_HARDWARE, tx, stepped); /* the interface's clock was set */
	assert_int_equal(event->rtt, 500000);
	assert_int_equal(event->clock, RP_CLOCK_KERNEL);
	fake_fini(&fake);
	event = answer_with(&fake, RP_CLOCK_KERNEL, tx, rx);
	assert_int_equal(event->rtt, 500000);
	fake_fini(&fake);
	event = answer_with(&fake, RP_CLOCK_USER, tx, rx);
	assert_int_equal(event->rtt, 900000); /* from handing over to now */
	assert_int_equal(event->clock, RP_CLOCK_USER);
	assert_int_equal(event->held, RP_TIME_NONE);
	fake_fini(&fake);
}

/* The interface's transmit stamp is a message of its own, after the kernel's. */
TEST(hardware_stamp_comes_second)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);
	session_tx_stamp(fake.session, fake.sent.slot,
			 (struct rp_stamp){.ns = fake.now + 1000, .clock = RP_CLOCK_KERNEL});
	session_tx_stamp(fake.session, fake.sent.slot,
			 (struct rp_stamp){.ns = fake.now + 9000, .clock = RP_CLOCK_USER, .hardware = 100});
	struct fake_packet reply = fake_echo_reply(&fake.sent);
	session_input(fake.session, reply.bytes, reply.length,
		      (struct rp_stamp){.ns = fake.now + 5000, .clock = RP_CLOCK_KERNEL, .hardware = 3100},
		      fake.now + 6000);
	assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->rtt, 3000);
	assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->held, 1000);
	fake_fini(&fake);
}

TEST(duplicate_is_not_received)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake.config.count = 2;
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet reply = fake_echo_reply(&fake.sent);
	for (int i = 0; i < 3; i++)
		fake_input(&fake, reply.bytes, reply.length);
	struct rp_stats stats = fake_stats(&fake);
	assert_int_equal(stats.received, 1);
	assert_int_equal(stats.duplicates, 2);
	fake_fini(&fake);
}

TEST(silence_without_timeout_takes_ten_seconds)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	int64_t start = fake.now;
	fake_run_until(&fake, start + 60000 * FAKE_MS);
	assert_true(session_done(fake.session));
	assert_int_equal(fake.now - start, 10000 * FAKE_MS); /* iputils waits so long */
	assert_int_equal(fake_stats(&fake).lost, 1);
	fake_fini(&fake);
}

TEST(timeout_is_per_probe)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake.config.count = 2;
	fake.config.timeout = 300 * FAKE_MS;
	fake_open(&fake);
	int64_t start = fake.now;
	fake_send(&fake);
	struct fake_packet first = fake_echo_reply(&fake.sent);
	fake_run_until(&fake, start + 700 * FAKE_MS);
	assert_int_equal(fake_count(&fake, RP_EVENT_TIMEOUT), 1);
	assert_int_equal(fake_last(&fake, RP_EVENT_TIMEOUT)->time, start + 300 * FAKE_MS);
	fake_input(&fake, first.bytes, first.length); /* answers after 0.7 s */
	assert_int_equal(fake_count(&fake, RP_EVENT_LATE), 1);
	assert_int_equal(fake_count(&fake, RP_EVENT_REPLY), 0);
	fake_run_until(&fake, start + 60000 * FAKE_MS);
	assert_true(session_done(fake.session));
	assert_int_equal(fake.now - start, 1300 * FAKE_MS);
	struct rp_stats stats = fake_stats(&fake);
	assert_int_equal(stats.received, 0);
	assert_int_equal(stats.late, 1);
	assert_int_equal(stats.lost, 1);
	fake_fini(&fake);
}

TEST(waits_twice_the_longest_round_trip)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake.config.count = 2;
	fake.config.interval = 100 * FAKE_MS;
	fake_open(&fake);
	int64_t start = fake.now;
	fake_send(&fake);
	struct fake_packet reply = fake_echo_reply(&fake.sent);
	fake_run_until(&fake, start + 80 * FAKE_MS);
	fake_input(&fake, reply.bytes, reply.length);
	fake_run_until(&fake, start + 60000 * FAKE_MS);
	/* the second left after 100 ms and is lost; 2 x 80 ms are waited */
	assert_int_equal(fake.now - start, 260 * FAKE_MS);
	assert_int_equal(fake_stats(&fake).lost, 1);
	fake_fini(&fake);
}

TEST(in_flight_at_interrupt_is_not_loss)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake.config.count = 0;
	fake_open(&fake);
	int64_t start = fake.now;
	fake_run_until(&fake, start + 2500 * FAKE_MS); /* sent at 0, 1 and 2 s */
	session_end(fake.session, fake.now, RP_END_STOPPED, 0);
	struct rp_stats stats = fake_stats(&fake);
	assert_int_equal(stats.sent, 3);
	assert_int_equal(stats.lost, 2);
	assert_int_equal(stats.in_flight, 1);
	assert_int_equal(fake_last(&fake, RP_EVENT_DONE)->end, RP_END_STOPPED);
	fake_fini(&fake);
}

TEST(deadline_ends_the_run)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake.config.count = 2;
	fake.config.count_replies = true;
	fake.config.interval = 300 * FAKE_MS;
	fake.config.deadline = 2000 * FAKE_MS;
	fake_open(&fake);
	int64_t start = fake.now;
	fake_run_until(&fake, start + 60000 * FAKE_MS);
	assert_int_equal(fake.now - start, 2000 * FAKE_MS);
	assert_int_equal(fake_last(&fake, RP_EVENT_DONE)->end, RP_END_DEADLINE);
	struct rp_stats stats = fake_stats(&fake);
	assert_int_equal(stats.sent, 7); /* iputils: -c counts replies with -w */
	assert_int_equal(stats.lost, 7); /* nothing ever answered: all of it is loss */
	fake_fini(&fake);
}

TEST(error_concludes_a_probe)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);
	/* RFC 792: header and 8 octets, no more */
	struct fake_packet error = fake_icmp_error(&fake.sent, 0x0a0000fe, RP_ICMP_DESTINATION_UNREACHABLE, 1, 28);
	fake_input(&fake, error.bytes, error.length);
	const struct rp_event *event = fake_last(&fake, RP_EVENT_ERROR);
	assert_int_equal(event->sequence, 1);
	assert_int_equal(rp_addr_ipv4_value(event->from), 0x0a0000fe);
	assert_int_equal(event->reason, RP_REASON_HOST_UNREACH);
	session_expire(fake.session, fake.now);
	assert_false(session_done(fake.session)); /* the reply may follow the error ... */
	fake.now += 20 * FAKE_MS;
	session_expire(fake.session, fake.now);
	assert_true(session_done(fake.session));
	struct rp_stats stats = fake_stats(&fake);
	assert_int_equal(stats.errors, 1);
	assert_int_equal(stats.lost, 1);
	fake_fini(&fake);
}

TEST(reply_after_an_error_counts)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet reply = fake_echo_reply(&fake.sent);
	struct fake_packet error = fake_icmp_error(&fake.sent, 0x0a000002, RP_ICMP_DESTINATION_UNREACHABLE, 1, 28);
	fake_input(&fake, error.bytes, error.length);
	session_expire(fake.session, fake.now);
	fake.now += 5 * FAKE_MS;
	fake_input(&fake, reply.bytes, reply.length);
	assert_int_equal(fake_stats(&fake).received, 1);
	fake_fini(&fake);
}

TEST(quote_of_eight_octets_is_needed)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet error = fake_icmp_error(&fake.sent, 0x0a0000fe, RP_ICMP_DESTINATION_UNREACHABLE, 1, 27);
	fake_input(&fake, error.bytes, error.length);
	assert_int_equal(fake_count(&fake, RP_EVENT_ERROR), 0);
	fake_fini(&fake);
}

TEST(quench_concludes_nothing)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet error = fake_icmp_error(&fake.sent, 0x0a0000fe, RP_ICMP_SOURCE_QUENCH, 0, 28);
	fake_input(&fake, error.bytes, error.length);
	session_expire(fake.session, fake.now);
	assert_false(session_done(fake.session));
	fake_fini(&fake);
}

TEST(refused_by_the_kernel)
{
	struct fake fake;
	struct outgoing out;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	assert_int_equal(session_next(fake.session, fake.now, &out), 1);
	session_sent(fake.session, out.slot, fake.now, EPERM);
	assert_int_equal(fake_last(&fake, RP_EVENT_UNSENT)->error, EPERM);
	session_expire(fake.session, fake.now);
	assert_true(session_done(fake.session));
	struct rp_stats stats = fake_stats(&fake);
	assert_int_equal(stats.sent, 0);
	assert_int_equal(stats.unsent, 1);
	assert_int_equal(stats.lost, 0);
	fake_fini(&fake);
}

TEST(no_route_is_not_loss)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake.route_error = -ENETUNREACH;
	fake_open(&fake);
	fake_run_until(&fake, fake.now + 1000 * FAKE_MS);
	assert_true(session_done(fake.session));
	assert_int_equal(fake_last(&fake, RP_EVENT_UNSENT)->error, ENETUNREACH);
	assert_int_equal(fake_stats(&fake).unsent, 1);
	fake_fini(&fake);
}

TEST(overdue_once_each_the_last_too)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake.config.count = 3;
	fake.config.report_overdue = true;
	fake_open(&fake);
	fake_run_until(&fake, fake.now + 60000 * FAKE_MS);
	assert_int_equal(fake_count(&fake, RP_EVENT_OVERDUE), 3);
	assert_int_equal(fake_last(&fake, RP_EVENT_OVERDUE)->sequence, 3);
	fake_fini(&fake);
}

/* ---- what must not be believed ---------------------------------------------------------------- */

TEST(forged_echo_replies)
{
	struct fake fake;
	struct fake_packet forged;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);

	forged = fake_echo_reply(&fake.sent);
	forged.bytes[22] ^= 1;
	fake_expect_suspect(&fake, &forged, RP_SUSPECT_CHECKSUM);

	forged = fake_echo_reply(&fake.sent);
	forged.bytes[28] ^= 1; /* the keyed value */
	fake_icmp_checksum(&forged);
	fake_expect_suspect(&fake, &forged, RP_SUSPECT_COOKIE);

	forged = fake_echo_reply(&fake.sent);
	forged.bytes[36] ^= 1; /* the target */
	fake_icmp_checksum(&forged);
	fake_expect_suspect(&fake, &forged, RP_SUSPECT_COOKIE);

	forged = fake_echo_reply(&fake.sent);
	forged.bytes[26] = 1; /* sequence + 500 and more */
	fake_icmp_checksum(&forged);
	fake_expect_suspect(&fake, &forged, RP_SUSPECT_NEVER_SENT);

	forged = fake_echo_reply(&fake.sent);
	forged.length = 28 + 4; /* 4 octets of payload came back */
	forged.bytes[3] = 32;
	fake_icmp_checksum(&forged);
	fake_expect_suspect(&fake, &forged, RP_SUSPECT_TRUNCATED);

	forged = fake_echo_reply(&fake.sent);
	forged.length -= 10; /* shorter than it says */
	fake_expect_suspect(&fake, &forged, RP_SUSPECT_TRUNCATED);
	fake_fini(&fake);
}

TEST(foreign_is_no_event)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);
	unsigned before = fake.count;
	struct fake_packet foreign = fake_echo_reply(&fake.sent);
	foreign.bytes[24] ^= 1; /* identifier */
	fake_icmp_checksum(&foreign);
	fake_input(&fake, foreign.bytes, foreign.length);
	fake_input(&fake, fake.sent.bytes, fake.sent.length); /* our own request, on loopback */
	fake_input(&fake, "", 0);
	assert_int_equal(fake.count, before);
	fake_fini(&fake);
}

TEST(another_address_may_answer)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet reply = fake_echo_reply(&fake.sent);
	reply.bytes[15] = 9; /* 10.0.0.9 has the keyed value: it was asked */
	fake_input(&fake, reply.bytes, reply.length);
	assert_true(fake_last(&fake, RP_EVENT_REPLY)->different_address);
	fake_fini(&fake);
}

TEST(changed_payload_is_reported)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake_open(&fake);
	fake_send(&fake);
	struct fake_packet reply = fake_echo_reply(&fake.sent);
	reply.bytes[28 + 40] ^= 0x10;
	fake_icmp_checksum(&reply);
	fake_input(&fake, reply.bytes, reply.length);
	assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->wrong_data_offset, 40);
	fake_fini(&fake);
}

TEST(sequence_wraps)
{
	struct fake fake;

	fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
	fake.config.count = 0;
	fake.config.interval = 1 * FAKE_MS;
	fake.config.timeout = 10 * FAKE_MS;
	fake_open(&fake);
	struct fake_packet first = {0};
	for (int i = 0; i < 65537; i++) {
		fake_send(&fake);
		if (i == 0)
			first = fake_echo_reply(&fake.sent);
		fake.count = 0;
		struct fake_packet reply = fake_echo_reply(&fake.sent);
		fake_input(&fake, reply.bytes, reply.length);
		fake.now += 1 * FAKE_MS;
	}
	assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->sequence, 65537);
	assert_int_equal(fake_stats(&fake).received, 65537);
	/* The same 16 bits of the cycle before: its slot is long gone, and it is not taken for the new one. */
	fake_input(&fake, first.bytes, first.length);
	assert_int_equal(fake_count(&fake, RP_EVENT_DUPLICATE), 0);
	assert_int_equal(fake_count(&fake, RP_EVENT_SUSPECT), 1);
	fake_fini(&fake);
}
