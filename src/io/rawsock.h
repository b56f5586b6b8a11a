/* SPDX-License-Identifier: MIT */
/*
 * The raw sockets: one to send (IPPROTO_RAW, header included), one to receive each protocol. Sends in
 * batches, receives in batches, with kernel time stamps. The public rp_sockets_*() are implemented here.
 */
#ifndef IO_RAWSOCK_H
#define IO_RAWSOCK_H

#include <rprobe/rprobe.h>

#include "io/filter.h"
#include "io/timestamp.h"
#include "probe/probe.h"

#define RAWSOCK_BATCH 64

/* The most source ports that are reserved. */
#define RAWSOCK_PORTS 256

struct rawsock_buffers;

struct rp_sockets {
	int send_fd;      /* IPPROTO_RAW; or the unprivileged ICMP socket, by which everything goes then */
	bool datagram;    /* it is the latter ... */
	int identifier;   /* ... and bound to this one */
	struct rp_error denied; /* why there is no raw socket */
	int icmp_fd;      /* -1 when not opened */
	int tcp_fd;       /* likewise */
	uint32_t next_id; /* the option id of the next stamp */
	bool in_use;      /* by a session */
	bool closed;      /* to be freed when that session is */
	uint32_t user;       /* whose the sending socket is */
	bool raised;      /* CAP_NET_RAW was only permitted: there is no other capability now */
	bool filtered;    /* a session has installed its filter before */
	bool stamping;    /* the kernel stamps what is sent */
	unsigned notes;   /* enum rp_session_note, or-ed: what the kernel refuses at all */
	int discovery;    /* IP_MTU_DISCOVER as it was at first */
	struct filter icmp_filter;
	struct filter tcp_filter;
	uint32_t icmp_drops; /* the kernel's count of drops, as last read */
	uint32_t tcp_drops;
	uint64_t overruns;    /* packets that the kernel dropped for want of room in our buffers */
	struct rp_addr bound; /* the source that the sending socket is bound to; family NONE: none */
	unsigned reserved;    /* TCP sockets that hold the source ports: ports.h */
	int reserve_fds[RAWSOCK_PORTS];
	struct rawsock_buffers *buffers;
};

struct rawsock_received {
	const uint8_t *bytes;
	size_t length; /* 0: it is none of the run's, and the kernel takes no filter */
	struct rp_stamp stamp;
};

struct rawsock_outgoing {
	struct rp_addr destination;
	const uint8_t *bytes;
	size_t length;
	bool timed;  /* its transmit stamp is wanted */
	uint32_t id; /* of that stamp: set by rawsock_send() for the packets taken */
};

/* No session uses the sockets any more. */
void rawsock_leave(struct rp_sockets *sockets);

/* Binds all sockets to the device of that name, or to none (""). It takes CAP_NET_RAW. */
int rawsock_bind_device(struct rp_sockets *sockets, const char *interface);

/* Binds the sending socket to a source address, or to none (family NONE): -EADDRNOTAVAIL it is none of this host. */
int rawsock_bind_source(struct rp_sockets *sockets, struct rp_addr source);

/* What the kernel is to route packets as; 0 when it takes none (before Linux 6.4). */
uint8_t rawsock_set_protocol(struct rp_sockets *sockets, uint8_t protocol);

/* False: the device that the sockets are bound to has been removed; another one of its name is not it. */
bool rawsock_has_device(const struct rp_sockets *sockets);

/* Lets the packets through that concern this run only: echo replies with `identifier` or segments to
 * so many ports from `port_base` on, and ICMP errors that quote such probes. */
int rawsock_attach_filter(struct rp_sockets *sockets, const struct expected *expected);

/* Sends a batch of at most RAWSOCK_BATCH; how many from the first on the kernel took (not always all), or the
 * negative errno value of the first. */
int rawsock_send(struct rp_sockets *sockets, struct rawsock_outgoing *batch, unsigned count);

/* Reads up to RAWSOCK_BATCH packets from one socket into its buffers, which live until the next call. How
 * many, 0 when nothing is there, or a negative errno value; `now` is the time right after. */
int rawsock_receive(struct rp_sockets *sockets, int fd, const struct timestamp_clock *clock,
		    struct rawsock_received *batch, unsigned count, int64_t *now);

/* Reads one batch of transmit stamps, at about `now`; returns as rawsock_receive(), whose packets stay. */
struct rawsock_tx_stamp {
	uint32_t id;
	struct rp_stamp stamp;
};
int rawsock_tx_stamps(struct rp_sockets *sockets, const struct timestamp_clock *clock, int64_t now,
		      struct rawsock_tx_stamp *batch, unsigned count);

#endif
