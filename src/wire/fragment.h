/* SPDX-License-Identifier: MIT */
/* Cuts an IPv4 datagram into fragments that fit a link (RFC 791 section 3.2). */
#ifndef WIRE_FRAGMENT_H
#define WIRE_FRAGMENT_H

#include <rprobe/packet.h>

/* The smallest datagram that every link carries whole (RFC 791 section 3.2). */
#define FRAGMENT_MTU_MIN 68

struct fragmenter {
	const uint8_t *bytes; /* the datagram, borrowed */
	size_t length;
	size_t mtu;
	size_t at; /* bytes behind the header that have been given out */
	uint16_t identification;
};

/* `identification` must not be 0: then each fragment would get one of its own from the kernel. */
struct fragmenter fragmenter_of(const uint8_t *bytes, size_t length, size_t mtu, uint16_t identification);

/* Writes the next fragment, `mtu` bytes at most, to `out`; its length, 0 when there is none left. */
size_t fragmenter_next(struct fragmenter *fragmenter, uint8_t *out);

#endif
