/* SPDX-License-Identifier: MIT */
/* The source ports that the kernel keeps for a run: in a row, nobody else's, and as many as the run needs or as can
 * be had. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/ports.h"

#include "unit.h"

#define NS_PER_S INT64_C(1000000000)

static const struct rp_config series = {
	.plan = RP_PLAN_SERIES, .interval = NS_PER_S, .timeout = RP_TIME_NONE, .preload = 1};

static int bind_on(uint16_t port)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (bind(fd, (const struct sockaddr *)&name, sizeof name) == 0)
		return fd;
	close(fd);
	return -errno;
}

/* How many a config gets; each is in use until they are given back. */
static unsigned reserved(const struct rp_config *config)
{
	struct rp_sockets sockets = {.reserved = 0};
	uint16_t base, count;

	assert_int_equal(ports_reserve(&sockets, config, &base, &count), 0);
	assert_true(base + count <= 65536);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(bind_on((uint16_t)(base + i)), -EADDRINUSE);
	ports_release(&sockets);
	int fd = bind_on(base);
	assert_true(fd >= 0);
	close(fd);
	return count;
}

TEST(one_for_each_probe_under_way)
{
	struct rp_config config = series;

	assert_int_equal(reserved(&config), 11); /* given up after 10 s */
	config.count = 4;
	assert_int_equal(reserved(&config), 4);
	config.count_replies = true;
	assert_int_equal(reserved(&config), 11);
	config = series;
	config.timeout = 800000000;
	assert_int_equal(reserved(&config), 5); /* rests for 4 s */
	config.interval = 20000000;
	assert_int_equal(reserved(&config), 201);
	config.timeout = INT64_MAX;
	assert_int_equal(reserved(&config), RAWSOCK_PORTS);
	config.interval = 0;
	assert_int_equal(reserved(&config), RAWSOCK_PORTS);
	config.count = 1;
	assert_int_equal(reserved(&config), 1);
	config = (struct rp_config){.plan = RP_PLAN_SCAN};
	assert_int_equal(reserved(&config), 2);
	config.wait_interval = 250000000;
	config.min_rtt_timeout = 100000000;
	assert_int_equal(reserved(&config), 41); /* a try of a silent port every 0.1 s */
}

/* Half a second between two probes from the same port. */
TEST(few_ports)
{
	struct rp_config config = series;

	config.interval = 100000000;
	assert_true(ports_are_few(&config, 1));
	assert_true(ports_are_few(&config, 4));
	assert_false(ports_are_few(&config, 5));
	config.interval = 0;
	assert_true(ports_are_few(&config, 255));
	assert_false(ports_are_few(&config, RAWSOCK_PORTS));
	config.count = 3;
	assert_false(ports_are_few(&config, 3));
	config = series;
	assert_false(ports_are_few(&config, 1));
}

TEST(the_port_that_is_named)
{
	struct rp_sockets sockets = {.reserved = 0};
	struct rp_config config = series;
	uint16_t base, count;
	int fd = bind_on(0);
	struct sockaddr_in name;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &(socklen_t){sizeof name}), 0);
	config.source_port = ntohs(name.sin_port);
	assert_int_equal(ports_reserve(&sockets, &config, &base, &count), -EADDRINUSE);
	close(fd);
	assert_int_equal(ports_reserve(&sockets, &config, &base, &count), 0);
	assert_int_equal(base, config.source_port);
	assert_int_equal(count, 1);
	/* Another session takes its place. */
	assert_int_equal(ports_reserve(&sockets, &config, &base, &count), 0);
	assert_int_equal(base, config.source_port);
	ports_release(&sockets);
}

/* Descriptors are left for the rest of the program. */
TEST(few_descriptors)
{
	struct rp_config config = series;
	struct rlimit before, few;

	config.interval = 0;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(reserved(&config), 16);
	few.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	struct rp_sockets sockets = {.reserved = 0};
	uint16_t base, count;
	assert_int_equal(ports_reserve(&sockets, &config, &base, &count), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}
