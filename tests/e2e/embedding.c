/* SPDX-License-Identifier: MIT */
/*
 * Programs that the library is a part of: several sessions on one loop, a session inside a poll() loop, sessions
 * closed by their own listeners. Needs CAP_NET_RAW and a private network.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rprobe/rprobe.h>

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define KINDS  (RP_EVENT_DONE + 1)
#define COUNT  5

/* A session, and what its listener was told. */
struct member {
	struct rp_loop *loop;
	struct rp_sockets *sockets;
	struct rp_targets *targets;
	const char *target;
	struct rp_session *session;
	struct member *other;
	enum rp_event_kind close_at; /* with this event it closes the other session and its own; DONE + 1: never */
	unsigned events[KINDS];
	unsigned wrong; /* events about somebody else's target */
	bool closed;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void close_session(struct member *member)
{
	rp_session_close(member->session);
	member->session = NULL;
	member->closed = true;
}

static void on_event(void *user, const struct rp_event *event)
{
	struct member *member = user;

	assert_false(member->closed);
	member->events[event->kind]++;
	if (event->kind != RP_EVENT_DONE)
		member->wrong += !rp_addr_equal(event->address, rp_targets_at(member->targets, 0).address);
	if (event->kind != member->close_at)
		return;
	if (member->other != NULL)
		close_session(member->other);
	close_session(member);
}

static void open_member(struct member *member, struct rp_loop *loop, const char *target)
{
	*member = (struct member){.loop = loop, .close_at = (enum rp_event_kind)KINDS};
	assert_int_equal(rp_sockets_open(&member->sockets, RP_SOCKETS_ICMP | RP_SOCKETS_TCP, NULL), 0);
	assert_int_equal(rp_targets_new(&member->targets), 0);
	member->target = target;
}

static void open_session(struct member *member, enum rp_probe_type probe)
{
	struct rp_config config;
	struct rp_error error;
	struct rp_ports *ports = NULL;

	if (probe == RP_PROBE_TCP_SYN)
		assert_int_equal(rp_ports_parse(&ports, "9", NULL), 0);
	assert_int_equal(rp_targets_set_ports(member->targets, ports), 0);
	assert_int_equal(rp_targets_add(member->targets, member->target, NULL), 0);
	rp_ports_free(ports);
	rp_config_init(&config, sizeof config, probe);
	config.plan = RP_PLAN_SERIES;
	config.targets = member->targets;
	config.count = COUNT;
	config.interval = 20 * MS;
	config.timeout = 200 * MS;
	assert_int_equal(rp_session_open(&member->session, member->loop, member->sockets, &config,
					 &(struct rp_listener){on_event, member}, &error),
			 0);
}

static void close_member(struct member *member)
{
	rp_session_close(member->session);
	rp_targets_free(member->targets);
	rp_sockets_close(member->sockets);
}

static void assert_whole(const struct member *member)
{
	assert_int_equal(member->events[RP_EVENT_SENT], COUNT);
	assert_int_equal(member->events[RP_EVENT_REPLY], COUNT);
	assert_int_equal(member->events[RP_EVENT_DONE], 1);
	assert_int_equal(member->wrong, 0);
}

static void set_silent(bool silent)
{
	FILE *file = fopen("/proc/sys/net/ipv4/icmp_echo_ignore_all", "w");

	assert_non_null(file);
	fprintf(file, "%d", silent);
	assert_int_equal(fclose(file), 0);
}

static void two_sessions(void **state)
{
	static const enum rp_probe_type probes[] = {RP_PROBE_ICMP_ECHO, RP_PROBE_TCP_SYN};
	struct rp_loop *loop;
	struct member one, two;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(rp_loop_new(&loop), 0);
		open_member(&one, loop, "127.0.0.1");
		open_member(&two, loop, "127.0.0.2");
		open_session(&one, probes[i / 2]);
		open_session(&two, probes[i % 2]);
		assert_int_equal(rp_loop_run(loop), 0);
		assert_whole(&one);
		assert_whole(&two);
		close_member(&one);
		close_member(&two);
		rp_loop_free(loop);
	}
}

/* Before: the second replaced the first without a word. */
static void sockets_are_of_one_session(void **state)
{
	struct rp_loop *loop;
	struct rp_session *second = NULL;
	struct rp_error error = {""};
	struct rp_config config;
	struct member one;

	(void)state;
	assert_int_equal(rp_loop_new(&loop), 0);
	open_member(&one, loop, "127.0.0.1");
	open_session(&one, RP_PROBE_ICMP_ECHO);
	rp_config_init(&config, sizeof config, RP_PROBE_ICMP_ECHO);
	config.targets = one.targets;
	assert_int_equal(
		rp_session_open(&second, loop, one.sockets, &config, &(struct rp_listener){on_event, &one}, &error),
		-EBUSY);
	assert_non_null(strstr(error.text, "sockets"));
	assert_null(second);
	assert_int_equal(rp_loop_run(loop), 0);
	assert_whole(&one);
	/* One after the other may have them. */
	close_session(&one);
	one = (struct member){.loop = loop,
			      .sockets = one.sockets,
			      .targets = one.targets,
			      .target = one.target,
			      .close_at = (enum rp_event_kind)KINDS};
	open_session(&one, RP_PROBE_ICMP_ECHO);
	assert_int_equal(rp_loop_run(loop), 0);
	assert_whole(&one);
	close_member(&one);
	rp_loop_free(loop);
}

/* The other loop has a descriptor and a clock of its own, is never kept, and is not woken for nothing. */
static void inside_a_poll_loop(void **state)
{
	int64_t end = now() + 20 * SECOND, tick = now();
	unsigned ticks = 0, own = 0, turns = 0;
	struct rp_loop *loop;
	struct member one, two;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(rp_loop_new(&loop), 0);
	open_member(&one, loop, "127.0.0.1");
	open_member(&two, loop, "127.0.0.2");
	struct pollfd polled[] = {{.fd = rp_loop_fd(loop), .events = POLLIN}, {.fd = fds[0], .events = POLLIN}};
	assert_int_equal(poll(polled, 2, 0), 0);
	open_session(&one, RP_PROBE_ICMP_ECHO);
	open_session(&two, RP_PROBE_TCP_SYN);
	assert_int_equal(poll(polled, 2, 0), 1); /* the first probes are due */
	while (one.events[RP_EVENT_DONE] + two.events[RP_EVENT_DONE] < 2 && now() < end) {
		char byte;

		if (now() >= tick) {
			tick += 10 * MS;
			ticks++;
			assert_int_equal(write(fds[1], "x", 1), 1);
		}
		assert_true(poll(polled, 2, 10) >= 0);
		if (polled[1].revents)
			own += read(fds[0], &byte, 1) == 1;
		if (polled[0].revents) {
			turns++;
			assert_int_equal(rp_loop_dispatch(loop, 0), 0);
		}
	}
	assert_whole(&one);
	assert_whole(&two);
	assert_true(ticks >= 5);
	assert_true(own + 1 >= ticks);
	/* Two probes each time, sent, stamped, answered, expired. */
	assert_true(turns <= 2 * COUNT * 8);
	close_member(&one);
	close_member(&two);
	assert_int_equal(poll(polled, 1, 0), 0);
	rp_loop_free(loop);
	close(fds[0]);
	close(fds[1]);
}

/* The listener of one session closes both, at every kind of event that this network makes. */
static void closed_by_listeners(void **state)
{
	static const enum rp_event_kind kinds[] = {RP_EVENT_SENT, RP_EVENT_REPLY, RP_EVENT_TIMEOUT, RP_EVENT_DONE};
	struct rp_loop *loop;
	struct member one, two, third;

	(void)state;
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		set_silent(kinds[i] == RP_EVENT_TIMEOUT);
		assert_int_equal(rp_loop_new(&loop), 0);
		open_member(&one, loop, "127.0.0.1");
		open_member(&two, loop, "127.0.0.2");
		open_member(&third, loop, "127.0.0.3");
		open_session(&one, RP_PROBE_ICMP_ECHO);
		open_session(&two, RP_PROBE_ICMP_ECHO);
		open_session(&third, RP_PROBE_TCP_SYN);
		one.close_at = two.close_at = kinds[i];
		one.other = &two;
		two.other = &one;
		assert_int_equal(rp_loop_run(loop), 0);
		assert_true(one.closed && two.closed);
		assert_int_equal(one.events[kinds[i]] + two.events[kinds[i]], 1);
		assert_whole(&third); /* which goes on to its end */
		close_member(&one);
		close_member(&two);
		close_member(&third);
		rp_loop_free(loop);
	}
	set_silent(false);
}

/* One that is stopped ends, the other goes on. */
static void stopped_by_itself(void **state)
{
	struct rp_loop *loop;
	struct member one, two;

	(void)state;
	assert_int_equal(rp_loop_new(&loop), 0);
	open_member(&one, loop, "127.0.0.1");
	open_member(&two, loop, "127.0.0.2");
	open_session(&one, RP_PROBE_ICMP_ECHO);
	open_session(&two, RP_PROBE_ICMP_ECHO);
	rp_session_stop(one.session);
	assert_int_equal(rp_loop_run(loop), 0);
	assert_int_equal(one.events[RP_EVENT_DONE], 1);
	assert_true(one.events[RP_EVENT_SENT] < COUNT);
	assert_whole(&two);
	close_member(&one);
	close_member(&two);
	rp_loop_free(loop);
}

/* A program that was built with older or newer headers than the library. */
static void other_versions(void **state)
{
	struct {
		struct rp_config config;
		uint64_t newer;
	} other;
	struct rp_loop *loop;
	struct member one;
	struct rp_error error = {""};
	struct rp_session *session = NULL;
	struct rp_bucket buckets[COUNT];

	(void)state;
	assert_int_equal(rp_loop_new(&loop), 0);
	open_member(&one, loop, "127.0.0.1");
	assert_int_equal(rp_targets_add(one.targets, one.target, NULL), 0);
	/* Older: nothing is written behind what it knows, and the last fields have their defaults. */
	memset(&other, 0x55, sizeof other);
	rp_config_init(&other.config, offsetof(struct rp_config, mark), RP_PROBE_ICMP_ECHO);
	assert_int_equal(other.config.mark, 0x5555555555555555);
	other.config.targets = one.targets;
	other.config.count = COUNT;
	other.config.interval = MS;
	assert_int_equal(rp_session_open(&one.session, loop, one.sockets, &other.config,
					 &(struct rp_listener){on_event, &one}, &error),
			 0);
	assert_int_equal(rp_session_notes(one.session) & RP_NOTE_MARK, 0);
	assert_int_equal(rp_loop_run(loop), 0);
	assert_whole(&one);
	size_t count = rp_session_histogram(one.session, RP_ALL_TARGETS, buckets, COUNT);
	uint64_t samples = 0;
	for (size_t i = 0; i < count; i++)
		samples += buckets[i].count;
	assert_int_equal(samples, COUNT);
	close_session(&one);
	/* Newer: what it leaves at 0 is no matter, anything else cannot be had. */
	rp_config_init(&other.config, sizeof other, RP_PROBE_ICMP_ECHO);
	other.config.targets = one.targets;
	assert_int_equal(rp_session_open(&session, loop, one.sockets, &other.config,
					 &(struct rp_listener){on_event, &one}, &error),
			 0);
	rp_session_close(session);
	other.newer = 1;
	assert_int_equal(rp_session_open(&session, loop, one.sockets, &other.config,
					 &(struct rp_listener){on_event, &one}, &error),
			 -EINVAL);
	assert_non_null(strstr(error.text, "version"));
	close_member(&one);
	rp_loop_free(loop);
}

/* By the unprivileged ICMP socket an error about one target fails the next call, whichever target that is for:
 * nothing is unsent for that, and nobody else's probe has the error. The first target is refused by a router, the
 * second answers. */
static void an_error_of_another_target(void **state)
{
	const uint64_t count = 5000;
	struct rp_config config;
	struct rp_error error;
	struct rp_stats first, second;
	struct rp_loop *loop;
	struct member one = {.close_at = (enum rp_event_kind)KINDS};

	(void)state;
	assert_int_equal(rp_loop_new(&loop), 0);
	assert_int_equal(rp_sockets_open(&one.sockets, RP_SOCKETS_ICMP | RP_SOCKETS_DATAGRAM, NULL), 0);
	assert_int_equal(rp_targets_new(&one.targets), 0);
	assert_int_equal(rp_targets_add(one.targets, "10.64.1.1", NULL), 0);
	assert_int_equal(rp_targets_add(one.targets, "10.64.2.2", NULL), 0);
	rp_config_init(&config, sizeof config, RP_PROBE_ICMP_ECHO);
	config.targets = one.targets;
	config.count = count;
	config.interval = 0;
	config.preload = 100;
	config.timeout = SECOND;
	assert_int_equal(rp_session_open(&one.session, loop, one.sockets, &config,
					 &(struct rp_listener){on_event, &one}, &error),
			 0);
	assert_string_equal(rp_session_path(one.session), "datagram");
	assert_int_equal(rp_loop_run(loop), 0);
	rp_session_stats(one.session, 0, &first);
	rp_session_stats(one.session, 1, &second);
	assert_int_equal(first.sent, count);
	assert_int_equal(first.errors, count);
	assert_int_equal(first.received, 0);
	assert_int_equal(second.sent, count);
	assert_int_equal(second.received, count);
	assert_int_equal(second.errors, 0);
	assert_int_equal(one.events[RP_EVENT_UNSENT], 0);
	close_member(&one);
	rp_loop_free(loop);
}

/* Two targets, and a third that takes the place of the first; each has the pointer that it was given. */
struct visit {
	struct rp_targets *targets;
	struct rp_session *session;
	unsigned replies[3];
	char (*names)[16];
};

static void on_visit(void *user, const struct rp_event *event)
{
	struct visit *visit = user;

	if (event->kind != RP_EVENT_REPLY)
		return;
	assert_string_equal(rp_targets_at(visit->targets, event->target).user, visit->names[event->target]);
	unsigned replies = ++visit->replies[event->target];
	if (event->target == 1 && replies == 3) {
		assert_int_equal(rp_targets_add(visit->targets, visit->names[2], NULL), 0);
		assert_int_equal(rp_targets_set_user(visit->targets, 2, visit->names[2]), 0);
		assert_int_equal(rp_targets_remove(visit->targets, 0), 0);
	}
	if (event->target == 2 && replies == 2) /* it has another address from now on */
		assert_int_equal(rp_targets_move(visit->targets, 2, event->from), 0);
	if (event->target == 2 && replies == 5)
		rp_session_stop(visit->session);
}

static void targets_come_and_go(void **state)
{
	static char names[][16] = {"127.0.0.1", "127.0.0.2", "127.0.0.3"};
	struct visit visit = {.names = names};
	struct rp_sockets *sockets;
	struct rp_loop *loop;
	struct rp_config config;
	struct rp_stats stats;

	(void)state;
	assert_int_equal(rp_loop_new(&loop), 0);
	assert_int_equal(rp_sockets_open(&sockets, RP_SOCKETS_ICMP, NULL), 0);
	assert_int_equal(rp_targets_new(&visit.targets), 0);
	rp_config_init(&config, sizeof config, RP_PROBE_ICMP_ECHO);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(rp_targets_add(visit.targets, names[i], NULL), 0);
		assert_int_equal(rp_targets_set_user(visit.targets, i, names[i]), 0);
	}
	config.targets = visit.targets;
	config.interval = 20 * MS;
	assert_int_equal(
		rp_session_open(&visit.session, loop, sockets, &config, &(struct rp_listener){on_visit, &visit}, NULL),
		0);
	assert_int_equal(rp_loop_run(loop), 0);
	assert_in_range(visit.replies[0], 2, 4);
	assert_in_range(visit.replies[1], 7, 9);
	rp_session_stats(visit.session, 2, &stats);
	assert_int_equal(stats.received, 5);
	assert_int_equal(stats.suspect, 0);
	rp_session_close(visit.session);
	rp_targets_free(visit.targets);
	rp_sockets_close(sockets);
	rp_loop_free(loop);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_sessions),
		cmocka_unit_test(sockets_are_of_one_session),
		cmocka_unit_test(inside_a_poll_loop),
		cmocka_unit_test(closed_by_listeners),
		cmocka_unit_test(stopped_by_itself),
		cmocka_unit_test(other_versions),
		cmocka_unit_test(an_error_of_another_target),
		cmocka_unit_test(targets_come_and_go),
	};

	if (argc != 2) /* each has a network of its own: test_embedding.py, test_datagram.py */
		return 2;
	cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
