/* SPDX-License-Identifier: MIT */
/* Targets that come and go while they are probed. */
#include "fake.h"

#include <errno.h>

#include "plan/plan.h"
#include "target/watch.h"

static void add(struct fake *fake, const char *text)
{
	assert_int_equal(set_add_text(fake->targets, text, NULL), 0);
	session_targets_changed(fake->session);
}

static void take_away(struct fake *fake, uint32_t target)
{
	assert_int_equal(rp_targets_remove(fake->targets, target), 0);
	session_targets_changed(fake->session);
}

static uint64_t sent_to(const struct fake *fake, uint32_t target)
{
	struct rp_stats stats;

	session_stats(fake->session, target, &stats);
	return stats.sent;
}

/* One probe a second to each that is there; a probe that is answered late is still known. */
FAKE_TEST(a_series_has_those_that_are_there, RP_PROBE_ICMP_ECHO, "10.0.0.2-3", NULL)
{
	fake->config.count = 0;
	fake_open(fake);
	fake_run(fake, 2 * SECOND - 1);
	assert_int_equal(fake->sent_count, 4);
	struct fake_packet probe = fake->sent;
	add(fake, "10.0.0.9");
	fake_run(fake, 10 * SECOND);
	assert_int_equal(sent_to(fake, 0), 12);
	assert_int_equal(sent_to(fake, 1), 12);
	assert_in_range(sent_to(fake, 2), 9, 10);
	fake_input(fake, fake_echo_reply(&probe));
	assert_int_equal(fake_count(fake, RP_EVENT_REPLY) + fake_count(fake, RP_EVENT_LATE), 1);

	uint64_t before = sent_to(fake, 2);
	take_away(fake, 0);
	fake_run(fake, 10 * SECOND);
	assert_int_equal(sent_to(fake, 0), 12);
	assert_in_range(sent_to(fake, 2), before + 9, before + 10);
	assert_true(rp_targets_at(fake->targets, 0).removed);

	/* It is the same again. */
	add(fake, "10.0.0.2");
	assert_int_equal(rp_targets_count(fake->targets), 3);
	fake_run(fake, 10 * SECOND);
	assert_in_range(sent_to(fake, 0), 12 + 9, 12 + 10);
}

/* It goes on without any, and costs nothing. */
FAKE_TEST(nobody_is_left, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL)
{
	fake->config.count = 0;
	fake_open(fake);
	fake_run(fake, SECOND / 2);
	take_away(fake, 0);
	fake_run(fake, 60 * SECOND);
	assert_int_equal(fake->sent_count, 1);
	assert_false(session_done(fake->session));
	assert_true(session_deadline(fake->session) > fake->now);
	add(fake, "10.0.0.3");
	fake_run(fake, SECOND);
	assert_in_range(sent_to(fake, 1), 1, 2);
}

/* With ports of their own; all are counted. */
FAKE_TEST(many_come, RP_PROBE_TCP_SYN, "10.0.0.2", "80,443")
{
	struct rp_ports *ports;

	fake->config.plan = RP_PLAN_SERIES;
	fake->config.count = 3;
	fake_open(fake);
	assert_int_equal(rp_ports_parse(&ports, "7", NULL), 0);
	assert_int_equal(rp_targets_set_ports(fake->targets, ports), 0);
	rp_ports_free(ports);
	fake_run(fake, SECOND - 1);
	add(fake, "10.1.0.0-59");
	fake_run(fake, 2 * SECOND);
	assert_int_equal(fake_stats(fake).sent, 3 * 2 + 2 * 60);
	for (uint32_t target = 1; target <= 60; target++) {
		struct rp_stats stats;

		session_port_stats(fake->session, target, 7, &stats);
		assert_int_equal(stats.sent, 2);
		session_port_stats(fake->session, target, 80, &stats);
		assert_int_equal(stats.sent, 0);
	}
	fake_run(fake, 20 * SECOND);
	assert_true(session_done(fake->session));
	assert_int_equal(fake_stats(fake).lost, fake_stats(fake).sent);
}

static void note_move(void *user, uint32_t target, struct rp_addr before)
{
	*(uint32_t *)user += target + before.family;
}

static void note_change(void *user)
{
	++*(uint32_t *)user;
}

TEST(who_watches_is_told)
{
	struct rp_targets *targets;
	uint32_t told = 0;
	int own;
	struct watch scan = {note_change, note_move, &told, true, NULL},
		     series = {note_change, note_move, &told, false, NULL};

	assert_int_equal(rp_targets_new(&targets), 0);
	assert_int_equal(set_add_text(targets, "10.0.0.1-2", NULL), 0);
	watch_add(set_watches(targets), &series);
	assert_int_equal(set_add_text(targets, "10.0.0.3", NULL), 0);
	assert_int_equal(told, 1);
	assert_int_equal(rp_targets_move(targets, 0, rp_addr_ipv4(1)), 0);
	assert_int_equal(told, 1 + RP_FAMILY_IPV4);
	watch_add(set_watches(targets), &scan);
	assert_int_equal(set_add_text(targets, "10.0.0.4", NULL), -EBUSY);
	assert_int_equal(rp_targets_remove(targets, 0), -EBUSY);
	watch_remove(set_watches(targets), &series);
	watch_remove(set_watches(targets), &scan);
	assert_int_equal(rp_targets_remove(targets, 0), 0);
	assert_int_equal(rp_targets_remove(targets, 3), -EINVAL);
	assert_int_equal(rp_targets_set_user(targets, 2, &own), 0);
	assert_ptr_equal(rp_targets_at(targets, 2).user, &own);
	assert_null(rp_targets_at(targets, 1).user);
	assert_int_equal(told, 1 + RP_FAMILY_IPV4);
	rp_targets_free(targets);
}

/* However many do not answer, each second has its probes: there is room for all that wait at once. */
FAKE_TEST(there_is_room_for_all_that_wait, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL)
{
	for (uint64_t each = 1; each <= 262144; each *= 8) {
		fake->config.count = 0;
		assert_true(plan_series.capacity(&fake->config, each) >= 11 * each);
	}
	fake->config.timeout = INT64_MAX;
	assert_in_range(plan_series.capacity(&fake->config, 1 << 20), 1 << 16, 1 << 20);
}
