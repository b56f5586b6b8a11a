/* SPDX-License-Identifier: MIT */
/*
 * What the kernel is told of each packet besides its bytes, as control data: its source and protocol, by which it is
 * routed, and the request of a transmit stamp.
 */
#ifndef IO_SEND_CONTROL_H
#define IO_SEND_CONTROL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "io/rawsock.h"

/* In this order: its source, where the socket is bound to none; its protocol; the request of a stamp, and its id. */
#define SEND_CONTROL_WORD   CMSG_SPACE(sizeof(uint32_t))
#define SEND_CONTROL_SOURCE CMSG_SPACE(sizeof(struct in_pktinfo))

struct send_control {
	bool own_ids;      /* the kernel takes ids from us (Linux 6.13); else it counts, and we count alike */
	bool own_protocol; /* the kernel lets us say what it routes (Linux 6.4); else it is IPPROTO_RAW */
	_Alignas(struct cmsghdr) uint8_t bytes[RAWSOCK_BATCH][SEND_CONTROL_SOURCE + 3 * SEND_CONTROL_WORD];
	size_t plain_length, timed_length; /* of what stands behind the source, without a stamp and with one */
	uint8_t *sources[RAWSOCK_BATCH];   /* where the packet information stands, and the id */
	uint8_t *ids[RAWSOCK_BATCH];
};

/* Finds out what the kernel takes, by a message that is never sent. */
void send_control_init(struct send_control *control, int fd);

/* What the kernel is to route packets as. */
void send_control_set_protocol(struct send_control *control, uint8_t protocol);

/* Gives a message the control data of that packet, which leaves by a socket bound to `bound`. */
void send_control_add(struct send_control *control, unsigned index, const struct rawsock_outgoing *packet,
		      struct rp_addr bound, struct msghdr *message);

#endif
