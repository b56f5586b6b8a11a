/* SPDX-License-Identifier: MIT */
/*
 * Tells the raw socket everything that the kernel routes by, and asks for routes with the same: source, device, mark,
 * type of service and protocol. What stands in a header of our own steers nothing.
 */
#include "io/route.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/ns.h"
#include "io/dgram.h"
#include "plan/plan.h"
#include "wire/ipopts.h"

/* Soon enough for a person; each look takes a few system calls. */
#define LOOK_EVERY (100 * NS_PER_MS)

/* No router is believed that its path carries less (net.ipv4.route.min_pmtu). */
#define PATH_MTU_MIN 552

/* Where the kernel does not tell (RFC 1700). */
#define USUAL_TIME_TO_LIVE 64

static int set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

/* An option of the socket that sends. */
struct wish {
	bool wanted;
	int level, option, value;
	int usual; /* what it is without a wish; -1: it stays as it is */
	const char *name;
	unsigned note; /* what it means when it is refused; 0: the run cannot be what it was asked to be */
};

/* SO_DEBUG needs a privilege that is gone. IP_TOS also gives packets the priority that this host's own queues go by. */
static int set_options(struct rp_sockets *sockets, const struct rp_config *config, unsigned *notes,
		       struct rp_error *error)
{
	int tos = config->type_of_service;
	int buffer = config->send_buffer > 0 ? config->send_buffer : plan_type_of(config->plan)->send_buffer;
	static const int discovery[] = {
		[RP_PATH_MTU_WANT] = IP_PMTUDISC_WANT,
		[RP_PATH_MTU_DO] = IP_PMTUDISC_DO,
		[RP_PATH_MTU_DONT] = IP_PMTUDISC_DONT,
		[RP_PATH_MTU_PROBE] = IP_PMTUDISC_PROBE,
	};
	bool told =
		config->path_mtu == RP_PATH_MTU_PROBE || (sockets->datagram && config->path_mtu != RP_PATH_MTU_AUTO);
	const struct wish wishes[] = {
		{config->direct, SOL_SOCKET, SO_DONTROUTE, 1, 0, "SO_DONTROUTE", 0},
		{tos != 0, IPPROTO_IP, IP_TOS, tos, 0, "IP_TOS", RP_NOTE_NO_PRIORITY},
		{buffer > 0, SOL_SOCKET, SO_SNDBUF, buffer, -1, "SO_SNDBUF", RP_NOTE_NO_BUFFER},
		{config->no_multicast_loop, IPPROTO_IP, IP_MULTICAST_LOOP, 0, 1, "IP_MULTICAST_LOOP", 0},
		{told, IPPROTO_IP, IP_MTU_DISCOVER, discovery[config->path_mtu], sockets->discovery, "IP_MTU_DISCOVER",
		 0},
		{config->broadcast, SOL_SOCKET, SO_BROADCAST, 1, 0, "SO_BROADCAST", 0},
	};

	if (config->debug)
		set_option(sockets->send_fd, SOL_SOCKET, SO_DEBUG, 1);
	for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
		const struct wish *wish = &wishes[i];
		int result = 0;

		if (wish->wanted)
			result = set_option(sockets->send_fd, wish->level, wish->option, wish->value);
		else if (sockets->filtered && wish->usual >= 0) /* an earlier session's does not stay */
			set_option(sockets->send_fd, wish->level, wish->option, wish->usual);
		if (result < 0 && wish->note == 0)
			return error_set(error, result, "setsockopt %s: %s", wish->name, strerror(-result));
		if (result < 0)
			*notes |= wish->note;
	}
	return 0;
}

/* None, where an earlier session had one. */
static int set_mark(struct rp_sockets *sockets, const struct rp_config *config, uint32_t *mark)
{
	*mark = config->mark >= 0 ? (uint32_t)config->mark : 0;
	if (config->mark < 0 && !sockets->filtered)
		return 0;
	return setsockopt(sockets->send_fd, SOL_SOCKET, SO_MARK, mark, sizeof *mark) < 0 ? -errno : 0;
}

/* The kernel chooses the source by the route, which may know better than the interface. An interface has several
 * names: that of an address may be a label. */
static bool is_address_of(int interface, struct rp_addr address)
{
	const struct ifaddrs *one;
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return true;
	for (one = all; one && !found; one = one->ifa_next) {
		struct sockaddr_in name;

		if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&name, one->ifa_addr, sizeof name);
		found = ntohl(name.sin_addr.s_addr) == rp_addr_ipv4_value(address) &&
			if_nametoindex(one->ifa_name) == (unsigned)interface;
	}
	freeifaddrs(all);
	return found;
}

static const char *no_way(const struct rp_config *config, int error)
{
	switch (error) {
	case ENETUNREACH:
		return "no route to the network, or the link is down";
	case EHOSTUNREACH:
		return "no route to the host";
	case EACCES:
		return "a broadcast address, or a route prohibits it";
	case EINVAL:
		return config->source.family != RP_FAMILY_NONE ? "no route leads there from that source address"
							       : "a route discards what goes there";
	default: /* the kernel knows more */
		return strerror(error);
	}
}

/* For ICMP echo in iputils' words. */
static int refuse_route(const struct rp_config *config, struct rp_addr destination, int result, struct rp_error *error)
{
	char text[RP_ADDR_TEXT_SIZE];
	bool ping = !probe_type_of(config->probe)->ports;

	if (ping && result == -EACCES && !config->broadcast)
		return error_set(error, result,
				 "Do you want to ping broadcast? Then -b. If not, check your local firewall rules");
	rp_addr_format(destination, text);
	return error_set(error, result, "%s%s: %s; see: ip route get %s", ping ? "connect: " : "", text,
			 ping ? strerror(-result) : no_way(config, -result), text);
}

static int try_route(struct source *route, struct rp_sockets *sockets, const struct rp_config *config, unsigned *notes,
		     struct rp_error *error)
{
	struct rp_addr destination = ipopts_first_hop(config, rp_targets_at(config->targets, 0).address);
	struct route_answer *answer;
	int result = source_ask(route, destination, timestamp_monotonic(), &answer);

	/* With one target it goes without saying for each packet, which costs. */
	if (result == 0 && probe_type_of(config->probe)->needs_source)
		rawsock_bind_source(sockets, answer->source);
	if (result == 0 && answer->is_broadcast)
		*notes |= RP_NOTE_BROADCAST;
	if (result == 0 && config->interface && !is_address_of(route->flow.interface, answer->source))
		*notes |= RP_NOTE_SOURCE;
	if (result == 0 || config->until_answered > 0 || config->until_silent > 0)
		return 0;
	return refuse_route(config, destination, result, error);
}

/* Of the device that the sockets are bound to: under one name there may be another by now. */
static int index_of(const char *interface, const struct rp_sockets *sockets)
{
	struct ifreq request = {.ifr_ifindex = 0};

	strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
	return ioctl(sockets->send_fd, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

static uint8_t protocol_of(const struct rp_config *config)
{
	return probe_type_of(config->probe)->protocol;
}

static int option_of(const struct rp_sockets *sockets, int option, int usual)
{
	int value;

	return getsockopt(sockets->send_fd, IPPROTO_IP, option, &value, &(socklen_t){sizeof value}) < 0 ? usual : value;
}

/* What the kernel would write into a header, where the config leaves it open. A fresh socket has the values of
 * sysctl. */
static void read_defaults(struct source *route, struct rp_sockets *sockets, const struct rp_config *config)
{
	enum rp_path_mtu hint = config->path_mtu;

	route->time_to_live = config->time_to_live != 0 ? 0 : (uint8_t)option_of(sockets, IP_TTL, USUAL_TIME_TO_LIVE);
	route->whole = hint == RP_PATH_MTU_PROBE;
	route->lockable = hint == RP_PATH_MTU_AUTO || hint == RP_PATH_MTU_WANT;
	route->dont_fragment = hint != RP_PATH_MTU_DONT;
	if (!sockets->filtered)
		sockets->discovery = option_of(sockets, IP_MTU_DISCOVER, IP_PMTUDISC_WANT);
	if (hint == RP_PATH_MTU_AUTO)
		route->dont_fragment = sockets->discovery != IP_PMTUDISC_DONT;
}

/* What the header of a probe says steers nothing: the kernel routes by the socket, and is asked for routes alike. */
static int set_flow(struct source *route, struct rp_sockets *sockets, const struct rp_config *config, unsigned *notes,
		     struct rp_error *error)
{
	struct route_flow *flow = &route->flow;
	char text[RP_ADDR_TEXT_SIZE];
	int result = 0;

	flow->user = sockets->user;
	flow->source = config->source;
	flow->protocol = rawsock_set_protocol(sockets, protocol_of(config));
	flow->type_of_service = config->type_of_service;
	if (config->interface || sockets->filtered)
		result = rawsock_bind_device(sockets, config->interface ? config->interface : "");
	if (result < 0 && config->interface)
		return error_set(error, result, "interface %s: %s%s", config->interface, strerror(-result),
				 result == -ENODEV ? "; see: ip link" : "");
	flow->interface = config->interface ? index_of(config->interface, sockets) : 0;
	result = rawsock_bind_source(sockets, config->source);
	if (result == -EADDRINUSE)
		return error_set(error, result, "bind: identifier %d: %s", config->identifier, strerror(-result));
	if (result < 0)
		return error_set(error, result, "bind: source address %s: %s%s", rp_addr_format(config->source, text),
				 strerror(-result), result == -EADDRNOTAVAIL ? "; see: ip address" : "");
	if (set_mark(sockets, config, &flow->mark) < 0 && config->mark >= 0) {
		*notes |= RP_NOTE_MARK;
		flow->mark = 0;
	}
	return set_options(sockets, config, notes, error);
}

int route_open(struct source *route, struct rp_sockets *sockets, const struct rp_config *config, unsigned *notes,
	       struct rp_error *error)
{
	int result;

	*notes = 0;
	*route = (struct source){.interface = config->interface, .own = config->source};
	result = source_init(route, rp_targets_count(config->targets));
	if (result < 0)
		return error_set(error, result, "out of memory");
	result = route_query_open(&route->query, config->broadcast);
	if (result < 0)
		return error_set(error, result, "the socket that asks for routes: %s", strerror(-result));
	if (sockets->datagram && sockets->filtered)
		result = dgram_open(sockets);
	if (result < 0)
		return error_set(error, result, "the ICMP socket: %s", strerror(-result));
	sockets->identifier = config->identifier;
	read_defaults(route, sockets, config);
	result = set_flow(route, sockets, config, notes, error);
	if (result < 0)
		return result;
	/* A group, or with net.ipv4.ip_nonlocal_bind any other address, is no address of this host from the start:
	 * it is not watched, and rtnetlink knows no route from there. */
	if (config->source.family != RP_FAMILY_NONE && !source_is_own(route))
		route->own.family = route->flow.source.family = RP_FAMILY_NONE;
	if (rp_targets_count(config->targets) > 1 || config->wait_interval > 0) {
		/* Where the question is refused another socket is opened, which a system-call filter forbids later. */
		struct route_answer *answer;

		source_ask(route, rp_targets_at(config->targets, 0).address, timestamp_monotonic(), &answer);
		return 0;
	}
	return try_route(route, sockets, config, notes, error);
}

void route_watch(struct source *route, struct rp_sockets *sockets, int64_t now)
{
	route->now = now;
	if (now - route->looked < LOOK_EVERY)
		return;
	route->looked = now;
	route->fault = 0;
	if (route->interface && !rawsock_has_device(sockets)) {
		route->fault = rawsock_bind_device(sockets, route->interface);
		route->flow.interface = index_of(route->interface, sockets);
		source_forget_all(route);
	}
	if (route->fault == 0 && route->own.family != RP_FAMILY_NONE && !source_is_own(route))
		route->fault = -EADDRNOTAVAIL;
}

static size_t device_mtu(const struct source *route, int interface)
{
	struct ifreq request = {.ifr_ifindex = interface};

	if (ioctl(route->query.fd, SIOCGIFNAME, &request) < 0 || ioctl(route->query.fd, SIOCGIFMTU, &request) < 0 ||
	    request.ifr_mtu < 0)
		return 0;
	return (size_t)request.ifr_mtu;
}

size_t route_mtu(struct source *route, struct rp_addr destination, size_t length)
{
	struct route_answer *answer;

	/* A router may have reported another one a moment ago. Less than this is never believed, and set by hand. */
	if (length > PATH_MTU_MIN)
		source_forget(route, destination);
	if (source_ask(route, destination, route->now, &answer) < 0)
		return 0;
	if (answer->mtu == 0 || route->whole)
		answer->mtu = (uint32_t)device_mtu(route, answer->interface);
	return answer->mtu;
}

void route_metrics(struct source *route, struct rp_addr destination, int64_t now, uint8_t *time_to_live,
		   bool *dont_fragment)
{
	struct route_answer *answer = NULL;
	bool known = false;

	if (route->time_to_live != 0 || route->lockable)
		known = source_ask(route, destination, now, &answer) == 0;
	if (route->time_to_live != 0)
		*time_to_live = known && answer->hop_limit != 0 ? answer->hop_limit : route->time_to_live;
	*dont_fragment = route->dont_fragment && !(route->lockable && known && answer->mtu_is_locked);
}

bool route_is_queued(struct source *route, const struct rp_sockets *sockets, struct rp_addr destination)
{
	struct route_answer *answer;
	int bytes = 0;

	if (ioctl(sockets->send_fd, SIOCOUTQ, &bytes) < 0 || bytes == 0 ||
	    source_ask(route, destination, timestamp_monotonic(), &answer) < 0)
		return false;
	return route_query_reaches(&route->query, answer->interface, answer->next_hop);
}
