/* SPDX-License-Identifier: MIT */
/* ICMP (RFC 792, next-hop MTU RFC 1191), both ways. */
#ifndef WIRE_ICMP_H
#define WIRE_ICMP_H

#include <rprobe/event.h>

#include "base/bytes.h"

#define ICMP_HEADER_SIZE 8
#define ICMP_CODE_ANY    256

/* An error by type and code, for all who name it. */
struct icmp_meaning {
	unsigned type, code; /* ICMP_CODE_ANY: the codes without an entry of their own */
	enum rp_reason reason;
	const char *word;     /* of the code, in a decoded header; NULL: none */
	const char *sentence; /* iputils' */
};

/* Writes an echo request of `icmp`'s identifier and sequence with `payload`, checksum filled. */
void icmp_put_echo(struct writer *writer, const struct rp_icmp *icmp, const void *payload, size_t length);

/* Reads the 8 bytes of the header; TRUNCATED when they are not there. */
enum rp_verdict icmp_parse(struct reader *reader, struct rp_icmp *icmp);

/* True for the errors that are advice and decide nothing about the packet they quote: redirect, source quench. */
bool icmp_is_advice(const struct rp_icmp *icmp);

/* True for the types that quote the datagram they are about: 3, 4, 5, 11, 12. */
bool icmp_is_error(const struct rp_icmp *icmp);

/* What an error means; NULL: the type is no error. */
const struct icmp_meaning *icmp_meaning(unsigned type, unsigned code);

#endif
