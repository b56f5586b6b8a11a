/* SPDX-License-Identifier: MIT */
/*
 * The library's file descriptors, counted from outside of it: whatever was opened is closed again, also where opening
 * fails half way, no program that is executed meanwhile inherits one, and what one session left unread in a socket is
 * not the next one's. Needs CAP_NET_RAW and a loopback device.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <rprobe/rprobe.h>

#define DESCRIPTORS_MAX 64 /* all that this program looks at */
#define TIMES           20

static unsigned count_open(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Open descriptors that a program executed now would inherit. */
static unsigned count_inherited(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
		int flags = fcntl(fd, F_GETFD);

		count += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return count;
}

/* What a session needs, and what is seen while it runs. */
struct world {
	struct rp_targets *targets;
	struct rp_targets *with_ports;
	struct rp_sockets *sockets;
	struct rp_loop *loop;
	unsigned inherited; /* before anything was opened */
	unsigned events;
	unsigned suspects;
};

static void on_event(void *user, const struct rp_event *event)
{
	struct world *world = user;

	world->events++;
	world->suspects += event->kind == RP_EVENT_SUSPECT;
	assert_int_equal(count_inherited(), world->inherited);
}

static void on_signal(void *user, int signal)
{
	(void)user;
	(void)signal;
}

static struct rp_config config_of(const struct world *world, enum rp_probe_type probe)
{
	struct rp_config config;

	rp_config_init(&config, sizeof config, probe);
	config.plan = RP_PLAN_SERIES;
	config.count = 1;
	config.timeout = INT64_C(100000000);
	config.targets = probe == RP_PROBE_TCP_SYN ? world->with_ports : world->targets;
	return config;
}

static int run(struct world *world, const struct rp_config *config)
{
	struct rp_session *session;
	struct rp_error error = {""};
	int result = rp_session_open(&session, world->loop, world->sockets, config,
				     &(struct rp_listener){on_event, world}, &error);

	if (result < 0)
		return result;
	world->events = 0;
	result = rp_loop_run(world->loop);
	assert_true(world->events >= 3); /* sent, answered, done */
	rp_session_close(session);
	return result;
}

static int set_up(void **state)
{
	static struct world world;

	world = (struct world){.inherited = count_inherited()};
	if (rp_targets_new(&world.targets) < 0 || rp_targets_add(world.targets, "127.0.0.1", NULL) < 0)
		return -1;
	*state = &world;
	struct rp_ports *ports;
	if (rp_ports_parse(&ports, "9", NULL) < 0 || rp_targets_new(&world.with_ports) < 0 ||
	    rp_targets_set_ports(world.with_ports, ports) < 0)
		return -1;
	rp_ports_free(ports);
	return rp_targets_add(world.with_ports, "127.0.0.1", NULL);
}

static int tear_down(void **state)
{
	struct world *world = *state;

	rp_targets_free(world->targets);
	rp_targets_free(world->with_ports);
	return 0;
}

static void open_all(struct world *world)
{
	assert_int_equal(rp_sockets_open(&world->sockets, RP_SOCKETS_ICMP | RP_SOCKETS_TCP, NULL), 0);
	assert_int_equal(rp_loop_new(&world->loop), 0);
	assert_int_equal(rp_loop_signals(world->loop, (const int[]){SIGUSR1}, 1, on_signal, NULL), 0);
}

static void close_all(struct world *world)
{
	rp_loop_free(world->loop);
	rp_sockets_close(world->sockets);
}

static void all_is_closed(void **state)
{
	struct world *world = *state;
	const struct rp_config echo = config_of(world, RP_PROBE_ICMP_ECHO), syn = config_of(world, RP_PROBE_TCP_SYN);
	unsigned before = count_open();

	for (int i = 0; i < TIMES; i++) {
		open_all(world);
		assert_int_equal(run(world, &echo), 0);
		assert_int_equal(run(world, &syn), 0);
		close_all(world);
		assert_int_equal(count_open(), before);
	}
}

/* One set of sockets, one loop, and one session after the other. */
static void sessions_add_nothing(void **state)
{
	struct world *world = *state;
	const struct rp_config echo = config_of(world, RP_PROBE_ICMP_ECHO), syn = config_of(world, RP_PROBE_TCP_SYN);

	open_all(world);
	assert_int_equal(run(world, &echo), 0);
	assert_int_equal(run(world, &syn), 0); /* from now on the sockets hold a source port */
	unsigned before = count_open();
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(run(world, &syn), 0);
		assert_int_equal(run(world, &echo), 0);
		assert_int_equal(count_open(), before);
	}
	close_all(world);
}

/* The kernel's answer to an echo request that no session has sent. */
static void make_a_stray_reply(uint16_t identifier)
{
	const uint16_t sum = (uint16_t) ~(0x0800 + identifier); /* of type 8 and the identifier, all else is 0 */
	const uint8_t request[8] = {
		8, 0, (uint8_t)(sum >> 8), (uint8_t)sum, (uint8_t)(identifier >> 8), (uint8_t)identifier};
	const struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	uint8_t reply[64];

	assert_return_code(fd, errno);
	assert_int_equal(sendto(fd, request, sizeof request, 0, (const struct sockaddr *)&here, sizeof here),
			 sizeof request);
	do
		assert_return_code(recv(fd, reply, sizeof reply, 0), errno);
	while (reply[20] != 0); /* the request itself is seen here as well */
	close(fd);
}

static void what_is_left_unread(void **state)
{
	struct world *world = *state;
	struct rp_config echo = config_of(world, RP_PROBE_ICMP_ECHO);

	echo.identifier = 0x1234;
	open_all(world);
	assert_int_equal(run(world, &echo), 0);
	make_a_stray_reply(0x1234); /* which the filter of that session still lets in */
	assert_int_equal(run(world, &echo), 0);
	assert_int_equal(world->suspects, 0);
	close_all(world);
}

#define OPTIONS 7

/* Of the socket that sends: what makes it send otherwise than by default. */
static void options_of_sender(int values[OPTIONS])
{
	static const int options[OPTIONS][2] = {
		{SOL_SOCKET, SO_BINDTOIFINDEX}, {SOL_SOCKET, SO_MARK}, {SOL_SOCKET, SO_DONTROUTE},
		{SOL_SOCKET, SO_PRIORITY},      {IPPROTO_IP, IP_TOS},  {IPPROTO_IP, IP_MULTICAST_LOOP},
		{IPPROTO_IP, IP_MTU_DISCOVER},
	};

	for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
		int domain = 0, protocol = 0;
		socklen_t size = sizeof protocol;

		getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
		getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size);
		if (domain != AF_INET || protocol != IPPROTO_RAW)
			continue;
		for (int i = 0; i < OPTIONS; i++)
			assert_return_code(getsockopt(fd, options[i][0], options[i][1], &values[i], &size), errno);
		return;
	}
	fail();
}

static void no_option_of_an_earlier_session_stays(void **state)
{
	struct world *world = *state;
	struct rp_config plain = config_of(world, RP_PROBE_ICMP_ECHO), special = plain;
	int before[OPTIONS], within[OPTIONS], after[OPTIONS];
	struct rp_session *session;

	special.interface = "lo";
	special.source = (struct rp_addr){.family = RP_FAMILY_IPV4, .bytes = {127, 0, 0, 1}};
	special.mark = 5;
	special.direct = special.no_multicast_loop = true;
	special.type_of_service = 0x10;
	special.path_mtu = RP_PATH_MTU_PROBE;
	open_all(world);
	options_of_sender(before);
	assert_int_equal(rp_session_open(&session, world->loop, world->sockets, &special,
					 &(struct rp_listener){on_event, world}, NULL),
			 0);
	options_of_sender(within);
	for (int i = 0; i < OPTIONS; i++)
		assert_int_not_equal(before[i], within[i]);
	rp_session_close(session);
	assert_int_equal(run(world, &plain), 0);
	options_of_sender(after);
	assert_memory_equal(before, after, sizeof before);
	close_all(world);
}

/* Another program's, on a port of the kernel's choice. */
static int occupy(uint16_t *port)
{
	struct sockaddr_in name = {.sin_family = AF_INET};
	socklen_t size = sizeof name;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_return_code(bind(fd, (struct sockaddr *)&name, size), errno);
	assert_return_code(getsockname(fd, (struct sockaddr *)&name, &size), errno);
	*port = ntohs(name.sin_port);
	return fd;
}

static void a_session_that_cannot_open(void **state)
{
	struct world *world = *state;
	struct rp_config taken = config_of(world, RP_PROBE_TCP_SYN), absent = config_of(world, RP_PROBE_ICMP_ECHO),
			 interface = absent;
	int other = occupy(&taken.source_port);

	/* An address of nobody, TEST-NET-1. */
	absent.source = (struct rp_addr){.family = RP_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};
	interface.interface = "no-such-device";
	open_all(world);
	unsigned before = count_open();
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(run(world, &taken), -EADDRINUSE);
		assert_int_equal(run(world, &absent), -EADDRNOTAVAIL);
		assert_int_equal(run(world, &interface), -ENODEV);
		assert_int_equal(count_open(), before);
	}
	close_all(world);
	close(other);
}

/* Opens everything with room for `room` descriptors more; whether that was enough. */
static bool fits(struct world *world, unsigned room)
{
	const struct rp_config syn = config_of(world, RP_PROBE_TCP_SYN);
	unsigned before = count_open();
	struct rlimit limit, tight;

	assert_return_code(getrlimit(RLIMIT_NOFILE, &limit), errno);
	tight = limit;
	tight.rlim_cur = before + room; /* the lowest free number is taken first, and none below is free */
	assert_return_code(setrlimit(RLIMIT_NOFILE, &tight), errno);
	int result = rp_sockets_open(&world->sockets, RP_SOCKETS_ICMP | RP_SOCKETS_TCP, NULL);
	if (result == 0) {
		result = rp_loop_new(&world->loop);
		if (result == 0) {
			result = run(world, &syn);
			rp_loop_free(world->loop);
		}
		rp_sockets_close(world->sockets);
	}
	assert_return_code(setrlimit(RLIMIT_NOFILE, &limit), errno);
	assert_true(result == 0 || result == -EMFILE);
	assert_int_equal(count_open(), before);
	return result == 0;
}

/* Out of descriptors at every single one. */
static void no_descriptor_left(void **state)
{
	unsigned room = 0;

	while (!fits(*state, room))
		room++;
	/* Three raw sockets, epoll, timer, one for routes, one for the source port. */
	assert_int_equal(room, 7);
}

/* Numbers below the highest that are free would be taken first. */
static int fill_holes(void **state)
{
	int fd;

	(void)state;
	while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0 && (unsigned)fd + 1 < count_open())
		;
	return fd < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_is_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sessions_add_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_left_unread, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_option_of_an_earlier_session_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_session_that_cannot_open, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_descriptor_left, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, fill_holes, NULL);
}
