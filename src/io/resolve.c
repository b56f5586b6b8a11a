/* SPDX-License-Identifier: MIT */
/*
 * Names by the system's resolver; source addresses by connecting a UDP socket, which makes the kernel route
 * exactly as it will route the probe.
 */
#include "io/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/ns.h"

/* Musl knows no international names. */
#ifndef AI_IDN
#define AI_IDN      0
#define AI_CANONIDN 0
#endif

/* No packet goes to it: any port but 0 will do. */
#define SOME_PORT 9

static int lookup_error(int code)
{
	switch (code) {
	case EAI_NONAME:
		return -ENOENT;
	case EAI_AGAIN:
	case EAI_FAIL:
		return -EAGAIN;
	case EAI_ADDRFAMILY:
	case EAI_NODATA:
		return -EAFNOSUPPORT;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return errno > 0 ? -errno : -EIO; /* an error in any case */
	default:                                  /* foreign codes: the C library may know more */
		return -EINVAL;
	}
}

int resolve_name(const char *name, struct rp_addr *address, char *canonical, size_t size, struct rp_error *error)
{
	const struct addrinfo hints = {
		.ai_family = AF_INET, .ai_socktype = SOCK_RAW, .ai_flags = AI_CANONNAME | AI_IDN | AI_CANONIDN};
	struct sockaddr_in found;
	struct addrinfo *list;
	int code = getaddrinfo(name, NULL, &hints, &list);

	if (code != 0) {
		int result = lookup_error(code);

		return error_set(error, result, "%s: %s", name,
				 code == EAI_SYSTEM ? strerror(-result) : gai_strerror(code));
	}
	memcpy(&found, list->ai_addr, sizeof found);
	*address = rp_addr_ipv4(ntohl(found.sin_addr.s_addr));
	snprintf(canonical, size, "%s", list->ai_canonname ? list->ai_canonname : name);
	freeaddrinfo(list);
	return 0;
}

static struct sockaddr_in socket_address(struct rp_addr address, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(rp_addr_ipv4_value(address))};
}

static int bind_device(const struct resolve_route *route)
{
	const char *name = route->interface;

	if (name && setsockopt(route->fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) < 0)
		return -errno;
	return 0;
}

int resolve_route_init(struct resolve_route *route, const char *interface, struct rp_addr source)
{
	int error = 0;

	memset(route, 0, sizeof *route);
	route->interface = interface;
	route->own = source;
	route->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (route->fd < 0)
		return -errno;
	error = bind_device(route);
	if (error == 0 && source.family != RP_FAMILY_NONE) {
		const struct sockaddr_in address = socket_address(source, 0);

		if (bind(route->fd, (const struct sockaddr *)&address, sizeof address) < 0)
			error = -errno;
	}
	if (error < 0)
		resolve_route_fini(route);
	return error;
}

void resolve_route_fini(struct resolve_route *route)
{
	if (route->fd >= 0)
		close(route->fd);
	route->fd = -1;
}

void resolve_forget(struct resolve_route *route)
{
	if (route->expires > 0)
		route->expires = 1; /* long ago; 0 would mean that the socket is not connected */
}

/* A connected socket keeps its source when it is connected again, so it is disconnected first. The kernel forgets the
 * device then. */
static void disconnect(const struct resolve_route *route)
{
	const struct sockaddr unspecified = {.sa_family = AF_UNSPEC};

	connect(route->fd, &unspecified, sizeof unspecified);
}

bool resolve_is_own(struct resolve_route *route)
{
	const struct sockaddr_in own = socket_address(route->own, SOME_PORT);
	bool found;

	/* A bound socket can be connected only while the kernel has its source. The destination is that address itself: the way
	 * to it needs no device, which may be down, unless it is in a VRF. */
	disconnect(route);
	route->expires = 1;
	found = connect(route->fd, (const struct sockaddr *)&own, sizeof own) == 0;
	if (!found && route->interface && bind_device(route) == 0)
		found = connect(route->fd, (const struct sockaddr *)&own, sizeof own) == 0;
	return found;
}

int resolve_source(struct resolve_route *route, struct rp_addr destination, int64_t now, struct rp_addr *source)
{
	struct sockaddr_in address = socket_address(destination, SOME_PORT);
	socklen_t size = sizeof address;
	int error = 0;

	if (destination.family == RP_FAMILY_NONE)
		return -EDESTADDRREQ;
	if (now < route->expires && rp_addr_equal(destination, route->destination)) {
		*source = route->source;
		return 0;
	}
	if (route->expires != 0) {
		disconnect(route);
		error = bind_device(route);
	}
	if (error < 0)
		return error;
	route->expires = 0;
	if (connect(route->fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	route->expires = now + NS_PER_S;
	if (getsockname(route->fd, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	*source = rp_addr_ipv4(ntohl(address.sin_addr.s_addr));
	route->destination = destination;
	route->source = *source;
	return 0;
}
