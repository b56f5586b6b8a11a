/* SPDX-License-Identifier: MIT */
/*
 * A scan has two source ports: a target that believes a connection from the first to exist answers it with challenge
 * ACKs only. A series, and a scan that waits for a state, has one for each probe under way, and comes back to a port
 * after some seconds: where a SYN-ACK or our RST was lost, the target holds the connection half open until it has
 * repeated its SYN-ACK and heard our RST, and would not answer a SYN between the same ports as it answers others.
 *
 * The ports are in a row, so that the packet filter and the session know them by two numbers.
 */
#include "io/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ns.h"
#include "plan/plan.h"

#define SCAN_PORTS 2

/* How long a port of a series rests: most targets have repeated their SYN-ACK twice by then (after 1 and 3 s). */
#define REST (4 * NS_PER_S)

/* Linux answers what is out of place in a connection that is half open once in this time (tcp_invalid_ratelimit). */
#define CHALLENGED_EVERY (NS_PER_S / 2)

/* How long a probe is under way where no timeout is given. */
#define UNDER_WAY (10 * NS_PER_S)

/* Where others have ports in between, a longer row is looked for elsewhere so many times. */
#define TRIES 8

/* A quarter of the descriptors that we may have at most. */
#define SHARE 4

struct row {
	uint16_t base;
	uint16_t count;
	int fds[RAWSOCK_PORTS];
};

/* Probes to one port that leave in so much time. */
static uint64_t probes_in(int64_t time, int64_t interval)
{
	return interval > 0 ? (uint64_t)(time / interval) + 1 : RAWSOCK_PORTS;
}

static uint64_t ports_of_series(const struct rp_config *config)
{
	int64_t timeout = config->timeout == RP_TIME_NONE ? UNDER_WAY : config->timeout;
	uint64_t ports = probes_in(timeout > REST ? timeout : REST, config->adaptive ? 0 : config->interval);

	if (ports < config->preload)
		ports = config->preload;
	if (config->count > 0 && !config->count_replies && ports > config->count)
		ports = config->count;
	return ports;
}

static uint64_t ports_of_scan(const struct rp_config *config)
{
	return config->wait_interval > 0 ? probes_in(REST, config->min_rtt_timeout) : SCAN_PORTS;
}

static uint32_t ports_wanted(const struct rp_config *config)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
	uint64_t ports = plan_type_of(config->plan)->chooses_ports ? ports_of_scan(config) : ports_of_series(config);

	/* Who names a port wants no other. */
	if (config->source_port != 0)
		return 1;
	getrlimit(RLIMIT_NOFILE, &limit);
	if (ports > limit.rlim_cur / SHARE)
		ports = limit.rlim_cur / SHARE;
	if (ports > RAWSOCK_PORTS)
		ports = RAWSOCK_PORTS;
	return ports > 0 ? (uint32_t)ports : 1;
}

bool ports_are_few(const struct rp_config *config, uint16_t count)
{
	return !plan_type_of(config->plan)->chooses_ports && count < RAWSOCK_PORTS && count < ports_of_series(config) &&
	       count * config->interval < CHALLENGED_EVERY;
}

/* Bound and never listening: the kernel keeps the port from others, and resets what answers to it. The socket, whose
 * port is then in `port`. */
static int reserve_port(struct rp_addr address, uint16_t *port)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(rp_addr_ipv4_value(address))};
	socklen_t size = sizeof name;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&name, sizeof name) < 0 ||
	    (*port == 0 && getsockname(fd, (struct sockaddr *)&name, &size) < 0)) {
		int error = -errno;

		close(fd);
		return error;
	}
	*port = ntohs(name.sin_port);
	return fd;
}

static void close_row(struct row *row)
{
	while (row->count > 0)
		close(row->fds[--row->count]);
}

/* From the port on, or from one that the kernel chooses, as far as the ports are free. 0 or the error of the first. */
static int open_row(struct row *row, struct rp_addr address, uint16_t port, uint32_t wanted)
{
	int fd = reserve_port(address, &port);

	row->count = 0;
	row->base = port;
	for (; fd >= 0 && row->count < wanted; fd = reserve_port(address, &port)) {
		row->fds[row->count++] = fd;
		if (row->count == wanted || port == UINT16_MAX)
			break;
		port++;
	}
	return row->count > 0 ? 0 : fd;
}

void ports_release(struct rp_sockets *sockets)
{
	while (sockets->reserved > 0)
		close(sockets->reserve_fds[--sockets->reserved]);
}

int ports_reserve(struct rp_sockets *sockets, const struct rp_config *config, uint16_t *base, uint16_t *count)
{
	uint32_t wanted = ports_wanted(config);
	struct row best = {.count = 0};
	int error = 0;

	ports_release(sockets);
	for (unsigned i = 0; i < TRIES && best.count < wanted; i++) {
		struct row row;

		error = open_row(&row, config->source, config->source_port, wanted);
		if (error < 0)
			continue;
		if (row.count > best.count) {
			close_row(&best);
			best = row;
		} else {
			close_row(&row);
		}
	}
	*base = best.base;
	*count = best.count;
	if (best.count == 0 && error == -EACCES && config->source_port != 0) {
		*base = config->source_port;
		*count = 1;
		return 0;
	}
	for (; sockets->reserved < best.count; sockets->reserved++)
		sockets->reserve_fds[sockets->reserved] = best.fds[sockets->reserved];
	return best.count > 0 ? 0 : error;
}
