/* SPDX-License-Identifier: MIT */
/* Asks the kernel how it routes to a destination, and remembers the answers. */
#include "io/source.h"

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

/* Routes that are remembered at most, at 64 bytes each. */
#define KNOWN_MOST (1 << 14)

int source_init(struct source *route, uint32_t targets)
{
	uint32_t places = 1;

	while (places < targets && places < KNOWN_MOST)
		places *= 2;
	route->known = calloc(places, sizeof *route->known);
	route->known_mask = places - 1;
	return route->known != NULL ? 0 : -ENOMEM;
}

void source_fini(struct source *route)
{
	route_query_close(&route->query);
	free(route->known);
	route->known = NULL;
}

/* Neighbours do not share a place. */
static struct source_known *place_of(const struct source *route, uint32_t destination)
{
	return &route->known[destination & route->known_mask];
}

void source_forget(struct source *route, struct rp_addr destination)
{
	place_of(route, rp_addr_ipv4_value(destination))->expires = 0;
}

void source_forget_all(struct source *route)
{
	for (uint32_t i = 0; i <= route->known_mask; i++)
		route->known[i].expires = 0;
}

bool source_is_own(struct source *route)
{
	/* The way to an address of this host needs no device, which may be down, unless it is in a VRF. */
	struct route_flow flow = {.user = route->flow.user};
	struct route_answer answer;

	if (route_query_ask(&route->query, &flow, route->own, &answer) == 0 && answer.is_local)
		return true;
	flow.interface = route->flow.interface;
	return flow.interface != 0 && route_query_ask(&route->query, &flow, route->own, &answer) == 0 &&
	       answer.is_local;
}

int source_ask(struct source *route, struct rp_addr destination, int64_t now, struct route_answer **answer)
{
	uint32_t value = rp_addr_ipv4_value(destination);
	struct source_known *known = place_of(route, value);
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

int source_find(struct source *route, struct rp_addr destination, int64_t now, struct rp_addr *source)
{
	struct route_answer *answer;
	int error = source_ask(route, destination, now, &answer);

	if (error == 0)
		*source = answer->source;
	return error;
}
