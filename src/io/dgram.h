/* SPDX-License-Identifier: MIT */
/* The kernel's unprivileged ICMP socket (icmp(7): SOCK_DGRAM, for the groups of net.ipv4.ping_group_range). */
#ifndef IO_DGRAM_H
#define IO_DGRAM_H

#include <time.h>
#include <linux/errqueue.h> /* wants struct timespec */
#include <netinet/in.h>

#include "core/path.h"
#include "io/rawsock.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"

/* Opens it as sockets->send_fd: -EACCES where it is not open to us. Again: another one in its place, since it can
 * be bound only once. */
int dgram_open(struct rp_sockets *sockets);

/* Binds it to a source address (family NONE: to none) and to sockets->identifier; -1: to one that is free, which
 * is then there. */
int dgram_bind(struct rp_sockets *sockets, struct rp_addr source);

/* What the control data of a message says. */
struct dgram_control {
	struct rp_addr to; /* the address of this host that it came to */
	int ttl, tos;
	struct sock_extended_err error;
	struct rp_addr offender; /* who reports the error */
};

struct dgram_control dgram_read_control(struct msghdr *message);

struct rp_addr dgram_address(const struct sockaddr_in *name);

/* Room before what the kernel gives, for the headers of an ICMP error and the quoted IP header. */
#define DGRAM_HEADERS (IPV4_HEADER_MIN + ICMP_HEADER_SIZE + IPV4_HEADER_MIN)

/* A reply, of the ICMP message at `bytes`; and an error, of the quoted message that stands there, which was sent
 * to `destination` in a packet of that length. Both have no stamp yet. */
struct arrived dgram_reply(uint8_t *bytes, size_t length, struct rp_addr from, const struct dgram_control *control);
struct arrived dgram_error(size_t packet_length, uint8_t *bytes, size_t length, struct rp_addr destination,
			   const struct dgram_control *control);

#endif
