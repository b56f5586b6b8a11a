/* SPDX-License-Identifier: MIT */
/*
 * Asks the kernel how it would route a packet; nothing is sent. rtnetlink is asked, because it takes everything that a
 * policy rule can select by (a connected datagram socket would be routed as UDP), and knows the metrics of the route.
 */
#ifndef IO_ROUTE_QUERY_H
#define IO_ROUTE_QUERY_H

#include <rprobe/rprobe.h>

/* What the kernel routes a packet by, besides its destination and the user. */
struct route_flow {
	int interface;         /* index; 0: any */
	struct rp_addr source; /* family NONE: the kernel chooses it */
	uint8_t protocol;
	uint8_t type_of_service;
	uint32_t mark;
	uint32_t user; /* whose packets they are: of the socket */
};

struct route_answer {
	struct rp_addr source;
	struct rp_addr next_hop;
	int interface;      /* index, 0 when it is not known */
	uint32_t mtu;       /* of the path, where it is less than the interface's or is set by the route; else 0 */
	uint8_t hop_limit;  /* that the route asks for, else 0 */
	bool mtu_is_locked; /* routers may fragment */
	bool is_local;      /* the destination is an address of this host */
	bool is_broadcast;  /* not known without rtnetlink */
};

struct route_query {
	int fd;
	uint32_t sequence; /* of the latest question */
	bool broadcast;    /* broadcast addresses are allowed */
	bool connects; /* rtnetlink is refused here: connecting a datagram socket tells only the source */
	bool connected;
	bool answered; /* by rtnetlink: it is not refused */
};

int route_query_open(struct route_query *query, bool broadcast);
void route_query_close(struct route_query *query);

/* -ENETUNREACH, -EHOSTUNREACH, -EACCES (prohibited, or a broadcast address that is not allowed), -EINVAL (discarded, or
 * the source is none of this host), -ENODEV (no such interface) and the like. */
int route_query_ask(struct route_query *query, const struct route_flow *flow, struct rp_addr destination,
		    struct route_answer *answer);

/* False: the kernel is still looking for the link-layer address of that neighbour, or has found none. */
bool route_query_reaches(struct route_query *query, int interface, struct rp_addr neighbour);

#endif
