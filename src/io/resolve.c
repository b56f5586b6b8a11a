/* SPDX-License-Identifier: MIT */
/* Names by the system's resolver; and what the kernel says of routes, which is remembered. */
#include "io/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Routes that are remembered at most, at 64 bytes each. */
#define KNOWN_MOST (1 << 14)

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

/* Each once; their number, or -ENOMEM. */
static int read_addresses(const struct addrinfo *list, struct rp_addr **addresses)
{
	int count = 0;

	for (const struct addrinfo *one = list; one; one = one->ai_next)
		count++;
	*addresses = calloc((size_t)count, sizeof(**addresses));
	if (!*addresses)
		return -ENOMEM;
	count = 0;
	for (; list; list = list->ai_next) {
		struct sockaddr_in found;
		bool again = false;

		memcpy(&found, list->ai_addr, sizeof found);
		(*addresses)[count] = rp_addr_ipv4(ntohl(found.sin_addr.s_addr));
		for (int i = 0; i < count; i++)
			again |= rp_addr_equal((*addresses)[i], (*addresses)[count]);
		count += !again;
	}
	return count;
}

/* Where no descriptor is left the resolver says that the name is not known. */
static int no_descriptor_left(void)
{
	int error = errno == EMFILE || errno == ENFILE ? -errno : 0;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		return -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

int resolve_name(const char *name, struct rp_addr **addresses, char *canonical, size_t size, struct rp_error *error)
{
	const struct addrinfo hints = {
		.ai_family = AF_INET, .ai_socktype = SOCK_RAW, .ai_flags = AI_CANONNAME | AI_IDN | AI_CANONIDN};
	struct addrinfo *list;

	errno = 0;
	int code = getaddrinfo(name, NULL, &hints, &list);

	*addresses = NULL;
	if (code != 0) {
		int result = lookup_error(code);
		int exhausted = no_descriptor_left();

		if (exhausted < 0)
			return error_set(error, exhausted, "%s: %s", name, strerror(-exhausted));
		return error_set(error, result, "%s: %s", name,
				 code == EAI_SYSTEM ? strerror(-result) : gai_strerror(code));
	}
	int count = read_addresses(list, addresses);
	snprintf(canonical, size, "%s", list->ai_canonname ? list->ai_canonname : name);
	freeaddrinfo(list);
	return count >= 0 ? count : error_set(error, count, "%s: %s", name, strerror(-count));
}

int resolve_route_init(struct resolve_route *route, uint32_t targets)
{
	uint32_t places = 1;

	while (places < targets && places < KNOWN_MOST)
		places *= 2;
	route->known = calloc(places, sizeof *route->known);
	route->known_mask = places - 1;
	return route->known != NULL ? 0 : -ENOMEM;
}

void resolve_route_fini(struct resolve_route *route)
{
	route_query_close(&route->query);
	free(route->known);
	route->known = NULL;
}

/* Neighbours do not share a place. */
static struct resolved *place_of(const struct resolve_route *route, uint32_t destination)
{
	return &route->known[destination & route->known_mask];
}

void resolve_forget(struct resolve_route *route, struct rp_addr destination)
{
	place_of(route, rp_addr_ipv4_value(destination))->expires = 0;
}

void resolve_forget_all(struct resolve_route *route)
{
	for (uint32_t i = 0; i <= route->known_mask; i++)
		route->known[i].expires = 0;
}

bool resolve_is_own(struct resolve_route *route)
{
	/* The way to an address of this host needs no device, which may be down, unless it is in a VRF. */
	struct route_flow flow = {.interface = 0};
	struct route_answer answer;

	if (route_query_ask(&route->query, &flow, route->own, &answer) == 0 && answer.is_local)
		return true;
	flow.interface = route->flow.interface;
	return flow.interface != 0 && route_query_ask(&route->query, &flow, route->own, &answer) == 0 &&
	       answer.is_local;
}

int resolve_ask(struct resolve_route *route, struct rp_addr destination, int64_t now,
		struct route_answer **answer)
{
	uint32_t value = rp_addr_ipv4_value(destination);
	struct resolved *known = place_of(route, value);
	int error;

	*answer = &known->answer;
	if (now < known->expires && value == known->destination)
		return 0;
	if (destination.family == RP_FAMILY_NONE)
		return -EDESTADDRREQ;
	known->expires = 0;
	error = route_query_ask(&route->query, &route->flow, destination, &known->answer);
	if (error < 0)
		return error;
	known->expires = now + NS_PER_S;
	known->destination = value;
	return 0;
}

int resolve_source(struct resolve_route *route, struct rp_addr destination, int64_t now, struct rp_addr *source)
{
	struct route_answer *answer;
	int error = resolve_ask(route, destination, now, &answer);

	if (error == 0)
		*source = answer->source;
	return error;
}
