/* SPDX-License-Identifier: MIT */
/* Sends a datagram that no link carries whole, in fragments: the kernel does not cut what has a header of ours. */
#ifndef IO_FRAG_H
#define IO_FRAG_H

#include "io/rawsock.h"
#include "wire/fragment.h"

struct frag {
	struct fragmenter cut;
	struct rawsock_outgoing next; /* length 0: none is waiting to be sent */
	uint32_t first_id;
	bool begun; /* a fragment was sent */
	uint8_t packet[65535];
};

/* The datagram stays where it is until the last fragment is sent. */
void frag_begin(struct frag *fragments, const struct rawsock_outgoing *whole, size_t mtu, uint16_t identification);

/* Sends what is left: 1 all is sent, and `id` is that of the first one's stamp; else a negative errno value, after
 * -EAGAIN, -ENOBUFS and -ENOMEM it goes on where it stopped. */
int frag_send(struct frag *fragments, struct rp_sockets *sockets, uint32_t *id);

#endif
