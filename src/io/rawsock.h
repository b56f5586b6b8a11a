/* SPDX-License-Identifier: MIT */
/*
 * The raw sockets: one to send (IPPROTO_RAW, header included), one to receive each protocol. Sends in
 * batches, receives in batches, with kernel time stamps. The public rp_sockets_*() are implemented here.
 */
#ifndef IO_RAWSOCK_H
#define IO_RAWSOCK_H

#include <rprobe/rprobe.h>

#include "io/stamp.h"

#define RAWSOCK_BATCH 64

struct rp_sockets {
	int send_fd;       /* IPPROTO_RAW */
	int icmp_fd;       /* -1 when not opened */
	int tcp_fd;        /* likewise */
	int reserve_fd;    /* the TCP socket that holds the source port; -1 */
	uint32_t sends;    /* how many sends the kernel has counted: the option id of the next stamp */
	uint64_t overruns; /* packets that the kernel dropped for want of room in our buffers */
};

struct rawsock_received {
	const uint8_t *bytes;
	size_t length;
	struct rp_stamp stamp;
};

struct rawsock_outgoing {
	struct rp_addr destination;
	const uint8_t *bytes;
	size_t length;
};

/* Binds all sockets to a device, before the privileges go. */
int rawsock_bind_device(struct rp_sockets *sockets, const char *interface);

/* Reserves a TCP source port (0: the kernel chooses) at `address`; the port, or a negative errno value. */
int rawsock_reserve_port(struct rp_sockets *sockets, struct rp_addr address, uint16_t port);

/* Lets the packets through that concern this run only: echo replies with `identifier` or segments to
 * `source_port`, and ICMP errors that quote such probes. */
int rawsock_attach_filter(struct rp_sockets *sockets, enum rp_probe_type probe, uint16_t identifier,
			  uint16_t source_port);

/* Sends a batch; how many the kernel took, or the negative errno value of the first. Each packet taken has
 * the next option id. */
int rawsock_send(struct rp_sockets *sockets, const struct rawsock_outgoing *batch, unsigned count);

/* Reads up to RAWSOCK_BATCH packets from one socket into its buffers, which live until the next call. */
int rawsock_receive(struct rp_sockets *sockets, int fd, const struct stamp_clock *clock, struct rawsock_received *batch,
		    unsigned count);

/* Reads one batch of transmit stamps; ids count all sends since the sockets were opened. */
struct rawsock_tx_stamp {
	uint32_t id;
	struct rp_stamp stamp;
};
int rawsock_tx_stamps(struct rp_sockets *sockets, const struct stamp_clock *clock, struct rawsock_tx_stamp *batch,
		      unsigned count);

#endif
