/* SPDX-License-Identifier: MIT */
/* The engine on a hand-driven world: what each kind of packet, silence and refusal becomes. */
#include "fake.h"

#include <errno.h>

#define ROUTER 0x0a0000fe

ECHO_TEST(answered)
{
	assert_int_equal(fake_start(fake), 1);
	session_tx_stamp(fake->session, fake->sent.slot, (struct rp_stamp){fake->now + 100, 0, RP_CLOCK_KERNEL, 0});
	struct fake_packet reply = fake_echo_reply(&fake->sent);
	fake->now += 5 * MS;
	session_input(fake->session, reply.bytes, reply.length,
		      (struct rp_stamp){fake->now - 300, 0, RP_CLOCK_KERNEL, 0}, fake->now);

	const struct rp_event *event = fake_last(fake, RP_EVENT_REPLY);
	assert_int_equal(event->sequence, 1);
	assert_int_equal(event->rtt, 5 * MS - 400);
	assert_int_equal(event->tx_queue, 100);
	assert_int_equal(event->rx_wakeup, 300);
	assert_true(event->authenticated);
	assert_int_equal(event->wrong_data_offset, UINT32_MAX);
	assert_int_equal(event->wall, event->time + 5);
	session_expire(fake->session, fake->now, fake->now);
	assert_true(session_done(fake->session));
	assert_int_equal(fake_last(fake, RP_EVENT_DONE)->end, RP_END_COMPLETE);
	assert_int_equal(fake_stats(fake).received, 1);
}

/* Handed over at 0, sent at 1000 by the kernel's clock, back at 501000, read at 900000. */
TEST(best_clock_of_both_ends)
{
	const struct rp_stamp tx = {.ns = 1000, .clock = RP_CLOCK_KERNEL, .hardware = 777000};
	const struct rp_stamp rx = {.ns = 501000, .clock = RP_CLOCK_KERNEL, .hardware = 777000 + 450000};
	const struct rp_stamp bare = {.ns = 501000, .clock = RP_CLOCK_KERNEL};
	const struct rp_stamp stepped = {.ns = 501000, .clock = RP_CLOCK_KERNEL, .hardware = INT64_C(1) << 60};
	const struct rp_stamp back = {.ns = 501000, .clock = RP_CLOCK_KERNEL, .hardware = 776000};
	const struct {
		enum rp_clock best;
		struct rp_stamp rx;
		enum rp_clock clock;
		int64_t rtt, tx_queue;
	} cases[] = {
		{RP_CLOCK_HARDWARE, rx, RP_CLOCK_HARDWARE, 450000, 1000},
		{RP_CLOCK_HARDWARE, bare, RP_CLOCK_KERNEL, 500000, 1000},    /* one end has none */
		{RP_CLOCK_HARDWARE, stepped, RP_CLOCK_KERNEL, 500000, 1000}, /* the interface's clock was set */
		{RP_CLOCK_HARDWARE, back, RP_CLOCK_KERNEL, 500000, 1000},
		{RP_CLOCK_KERNEL, rx, RP_CLOCK_KERNEL, 500000, 1000},
		{RP_CLOCK_USER, rx, RP_CLOCK_USER, 900000, RP_TIME_NONE},
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct rp_stamp sent = tx, received = cases[i].rx;
		struct fake fake;

		fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
		fake.config.clock = cases[i].best;
		fake_start(&fake);
		sent.ns += fake.now;
		received.ns += fake.now;
		session_tx_stamp(fake.session, fake.sent.slot, sent);
		struct fake_packet reply = fake_echo_reply(&fake.sent);
		session_input(fake.session, reply.bytes, reply.length, received, fake.now + 900000);
		assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->clock, cases[i].clock);
		assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->rtt, cases[i].rtt);
		assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->tx_queue, cases[i].tx_queue);
		fake_fini(&fake);
	}
}

/* The interface's transmit stamp is a message of its own, after the kernel's. */
ECHO_TEST(hardware_stamp_comes_second)
{
	fake_start(fake);
	session_tx_stamp(fake->session, fake->sent.slot,
			 (struct rp_stamp){.ns = fake->now + 1000, .clock = RP_CLOCK_KERNEL});
	session_tx_stamp(fake->session, fake->sent.slot,
			 (struct rp_stamp){.ns = fake->now + 9000, .clock = RP_CLOCK_USER, .hardware = 100});
	struct fake_packet reply = fake_echo_reply(&fake->sent);
	session_input(fake->session, reply.bytes, reply.length,
		      (struct rp_stamp){.ns = fake->now + 5000, .clock = RP_CLOCK_KERNEL, .hardware = 3100},
		      fake->now + 6000);
	assert_int_equal(fake_last(fake, RP_EVENT_REPLY)->rtt, 3000);
	assert_int_equal(fake_last(fake, RP_EVENT_REPLY)->tx_queue, 1000);
}

ECHO_TEST(duplicate_is_not_received)
{
	fake->config.count = 2;
	fake_start(fake);
	for (int i = 0; i < 3; i++)
		fake_input(fake, fake_echo_reply(&fake->sent));
	assert_int_equal(fake_stats(fake).received, 1);
	assert_int_equal(fake_stats(fake).duplicates, 2);
}

/* A line of the counters so far is written while the loop sits between two steps, and the next step gives up what
 * was due before: no event shows an earlier time. A clock that is set back does not take the times with it. */
ECHO_TEST(times_never_go_back)
{
	fake->config.count = 2;
	fake->config.interval = SECOND;
	fake->config.timeout = 500 * MS;
	fake_start(fake);
	fake->now += 600 * MS;
	struct rp_stamp shown = session_time(fake->session, fake->now + MS);
	assert_int_equal(shown.ns, fake->now + MS);
	assert_int_equal(shown.wall, shown.ns + 5);
	session_expire(fake->session, fake->now, fake->now);
	assert_int_equal(fake_last(fake, RP_EVENT_TIMEOUT)->time, shown.ns);
	session_set_wall_offset(fake->session, 5 - 3600 * SECOND);
	fake_run(fake, SECOND);
	assert_int_equal(fake_last(fake, RP_EVENT_SENT)->wall, fake_last(fake, RP_EVENT_SENT)->time + 5);
	session_set_wall_offset(fake->session, 7);
	assert_int_equal(session_time(fake->session, fake->now).wall, fake->now + 7);
}

/* -W 0: memory has a bound, and the oldest is given up for a probe that is due, never for none. */
ECHO_TEST(what_waits_for_ever_makes_room)
{
	const uint64_t room = 1 << 16;

	fake->config.count = room + 10;
	fake->config.interval = MS;
	fake->config.timeout = INT64_MAX;
	fake_open(fake);
	for (uint64_t i = 0; i < room; i++, fake->now += MS, fake->count = 0)
		assert_true(fake_send_one(fake, 0));
	assert_int_equal(fake_stats(fake).in_flight, room);
	for (uint64_t i = 1; i <= 10; i++, fake->now += MS, fake->count = 0) {
		assert_true(session_deadline(fake->session) <= fake->now);
		assert_true(fake_send_one(fake, 0));
		assert_int_equal(fake_last(fake, RP_EVENT_TIMEOUT)->sequence, i);
	}
	assert_false(fake_send_one(fake, 0));
	fake_run(fake, 3600 * SECOND);
	assert_int_equal(fake->count, 0);
	assert_int_equal(fake_stats(fake).in_flight, room);
	assert_int_equal(fake_stats(fake).lost, 10);
	fake_input(fake, fake_echo_reply(&fake->sent));
	assert_int_equal(fake_stats(fake).received, 1);
}

ECHO_TEST(silence_without_timeout_takes_ten_seconds)
{
	fake_start(fake);
	fake_run(fake, 60 * SECOND);
	assert_true(session_done(fake->session));
	assert_int_equal(fake->now - fake->start, 10 * SECOND); /* iputils waits so long */
	assert_int_equal(fake_stats(fake).lost, 1);
}

ECHO_TEST(timeout_is_per_probe)
{
	fake->config.count = 2;
	fake->config.timeout = 300 * MS;
	fake_start(fake);
	struct fake_packet first = fake_echo_reply(&fake->sent);
	fake_run(fake, 700 * MS);
	assert_int_equal(fake_count(fake, RP_EVENT_TIMEOUT), 1);
	assert_int_equal(fake_last(fake, RP_EVENT_TIMEOUT)->time, fake->start + 300 * MS);
	fake_input(fake, first); /* answers after 0.7 s */
	assert_int_equal(fake_count(fake, RP_EVENT_LATE), 1);
	assert_int_equal(fake_count(fake, RP_EVENT_REPLY), 0);
	fake_run(fake, 60 * SECOND);
	assert_true(session_done(fake->session));
	assert_int_equal(fake->now - fake->start, 1300 * MS);
	struct rp_stats stats = fake_stats(fake);
	assert_int_equal(stats.received, 0);
	assert_int_equal(stats.late, 1);
	assert_int_equal(stats.lost, 1);
}

ECHO_TEST(waits_twice_the_longest_round_trip)
{
	fake->config.count = 2;
	fake->config.interval = 100 * MS;
	fake_start(fake);
	fake_run(fake, 80 * MS);
	fake_input(fake, fake_echo_reply(&fake->sent));
	fake_run(fake, 60 * SECOND);
	/* the second left after 100 ms and is lost; 2 x 80 ms are waited */
	assert_int_equal(fake->now - fake->start, 260 * MS);
	assert_int_equal(fake_stats(fake).lost, 1);
}

ECHO_TEST(in_flight_at_interrupt_is_not_loss)
{
	fake->config.count = 0;
	fake_start(fake);
	fake_run(fake, 2500 * MS); /* sent at 0, 1 and 2 s */
	session_end(fake->session, fake->now, RP_END_STOPPED, 0);
	struct rp_stats stats = fake_stats(fake);
	assert_int_equal(stats.sent, 3);
	assert_int_equal(stats.lost, 2);
	assert_int_equal(stats.in_flight, 1);
	assert_int_equal(fake_last(fake, RP_EVENT_DONE)->end, RP_END_STOPPED);
}

ECHO_TEST(deadline_ends_the_run)
{
	fake->config.count = 2;
	fake->config.count_replies = true;
	fake->config.interval = 300 * MS;
	fake->config.deadline = 2 * SECOND;
	fake_open(fake);
	fake_run(fake, 60 * SECOND);
	assert_int_equal(fake->now - fake->start, 2 * SECOND);
	assert_int_equal(fake_last(fake, RP_EVENT_DONE)->end, RP_END_DEADLINE);
	struct rp_stats stats = fake_stats(fake);
	assert_int_equal(stats.sent, 7); /* iputils: -c counts replies with -w */
	assert_int_equal(stats.lost, 7); /* nothing ever answered: all of it is loss */
}

ECHO_TEST(error_concludes_a_probe)
{
	fake_start(fake);
	/* RFC 792: header and 8 bytes, no more */
	fake_input(fake, fake_icmp_error(&fake->sent, ROUTER, RP_ICMP_DESTINATION_UNREACHABLE, 1, 28));
	const struct rp_event *event = fake_last(fake, RP_EVENT_ERROR);
	assert_int_equal(event->sequence, 1);
	assert_int_equal(rp_addr_ipv4_value(event->from), ROUTER);
	assert_int_equal(event->reason, RP_REASON_HOST_UNREACH);
	session_expire(fake->session, fake->now, fake->now);
	assert_false(session_done(fake->session)); /* the reply may follow the error ... */
	fake->now += 20 * MS;
	session_expire(fake->session, fake->now, fake->now);
	assert_true(session_done(fake->session));
	assert_int_equal(fake_stats(fake).errors, 1);
	assert_int_equal(fake_stats(fake).lost, 1);
}

ECHO_TEST(reply_after_an_error_counts)
{
	fake_start(fake);
	fake_input(fake, fake_icmp_error(&fake->sent, 0x0a000002, RP_ICMP_DESTINATION_UNREACHABLE, 1, 28));
	session_expire(fake->session, fake->now, fake->now);
	fake->now += 5 * MS;
	fake_input(fake, fake_echo_reply(&fake->sent));
	assert_int_equal(fake_stats(fake).received, 1);
}

ECHO_TEST(quote_of_eight_bytes_is_needed)
{
	fake_start(fake);
	fake_input(fake, fake_icmp_error(&fake->sent, ROUTER, RP_ICMP_DESTINATION_UNREACHABLE, 1, 27));
	assert_int_equal(fake_count(fake, RP_EVENT_ERROR), 0);
}

ECHO_TEST(quench_concludes_nothing)
{
	fake_start(fake);
	fake_input(fake, fake_icmp_error(&fake->sent, ROUTER, RP_ICMP_SOURCE_QUENCH, 0, 28));
	session_expire(fake->session, fake->now, fake->now);
	assert_false(session_done(fake->session));
}

ECHO_TEST(refused_by_the_kernel)
{
	fake_open(fake);
	assert_true(fake_send_one(fake, EPERM));
	assert_int_equal(fake_last(fake, RP_EVENT_UNSENT)->error, EPERM);
	session_expire(fake->session, fake->now, fake->now);
	assert_true(session_done(fake->session));
	struct rp_stats stats = fake_stats(fake);
	assert_int_equal(stats.sent, 0);
	assert_int_equal(stats.unsent, 1);
	assert_int_equal(stats.lost, 0);
}

ECHO_TEST(no_route_is_not_loss)
{
	fake->route_error = -ENETUNREACH;
	fake_open(fake);
	fake_run(fake, 1 * SECOND);
	assert_true(session_done(fake->session));
	assert_int_equal(fake_last(fake, RP_EVENT_UNSENT)->error, ENETUNREACH);
	assert_int_equal(fake_stats(fake).unsent, 1);
}

ECHO_TEST(overdue_once_each_the_last_too)
{
	fake->config.count = 3;
	fake->config.report_overdue = true;
	fake_open(fake);
	fake_run(fake, 60 * SECOND);
	assert_int_equal(fake_count(fake, RP_EVENT_OVERDUE), 3);
	assert_int_equal(fake_last(fake, RP_EVENT_OVERDUE)->sequence, 3);
}

/* The same answer again is no further one in a row, and ends no silence. */
ECHO_TEST(duplicates_make_no_row)
{
	struct fake_packet reply;

	fake->config.count = 0;
	fake->config.timeout = 500 * MS;
	fake->config.until_answered = 2;
	fake->config.until_silent = 2;
	fake_start(fake);
	reply = fake_echo_reply(&fake->sent);
	for (int i = 0; i < 5; i++)
		fake_input(fake, reply);
	session_expire(fake->session, fake->now, fake->now);
	assert_false(session_done(fake->session));
	fake_run(fake, 1600 * MS); /* the second is lost */
	assert_false(session_done(fake->session));
	fake_input(fake, reply);
	fake_run(fake, SECOND); /* and the third */
	assert_true(session_done(fake->session));
	assert_int_equal(fake_last(fake, RP_EVENT_DONE)->end, RP_END_REACHED);
	assert_int_equal(fake->sent_count, 3);
}

/* A redirect is followed: it is no error, and decides nothing. */
ECHO_TEST(advice_is_no_error)
{
	fake->config.count = 0;
	fake->config.max_errors = 1;
	fake_start(fake);
	fake_input(fake, fake_icmp_error(&fake->sent, 0x0a0000fe, RP_ICMP_REDIRECT, 1, 28));
	session_expire(fake->session, fake->now, fake->now);
	assert_false(session_done(fake->session));
	assert_int_equal(fake_stats(fake).errors, 0);
	fake_input(fake, fake_icmp_error(&fake->sent, 0x0a0000fe, RP_ICMP_DESTINATION_UNREACHABLE, 1, 28));
	session_expire(fake->session, fake->now, fake->now);
	assert_int_equal(fake_last(fake, RP_EVENT_DONE)->end, RP_END_ERRORS);
}

/* With an answer at least, who was asked a moment before the deadline is in flight; without any it is lost. */
TEST(deadline_and_the_young)
{
	for (unsigned answered = 0; answered < 2; answered++) {
		struct fake fake;

		fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
		fake.config.count = 0;
		fake.config.deadline = 1500 * MS;
		fake_start(&fake);
		if (answered)
			fake_input(&fake, fake_echo_reply(&fake.sent));
		fake_run(&fake, 2 * SECOND);
		assert_int_equal(fake_last(&fake, RP_EVENT_DONE)->end, RP_END_DEADLINE);
		assert_int_equal(fake_stats(&fake).in_flight, answered);
		assert_int_equal(fake_stats(&fake).lost, 2 - 2 * answered);
		fake_fini(&fake);
	}
}

/* Nor is one that comes too late. */
ECHO_TEST(late_replies_make_no_row)
{
	fake->config.count = 0;
	fake->config.timeout = 500 * MS;
	fake->config.until_answered = 1;
	fake_start(fake);
	fake_run(fake, 600 * MS);
	fake_input(fake, fake_echo_reply(&fake->sent));
	assert_int_equal(fake_stats(fake).late, 1);
	session_expire(fake->session, fake->now, fake->now);
	assert_false(session_done(fake->session));
}
