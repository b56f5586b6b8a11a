/* SPDX-License-Identifier: MIT */
/* TCP headers (RFC 9293 section 3.1) with the options a SYN carries, both ways. */
#ifndef WIRE_TCP_H
#define WIRE_TCP_H

#include <rprobe/packet.h>

#include "base/bytes.h"

#define TCP_HEADER_MIN 20
#define TCP_HEADER_MAX 60

/* Writes a segment with checksum. Options are made from has_mss, sack_permitted, has_timestamps and
 * has_window_scale in that order (Linux's own), padded with no-operation; header_length is computed. */
void tcp_put(struct writer *writer, const struct rp_tcp *tcp, struct rp_addr source, struct rp_addr destination,
	     const void *payload, size_t length);

/* Reads a header with its options. An option that overruns the header ends the options, nothing more.
 * MALFORMED: header length under 20; TRUNCATED: the header is not all there. */
enum rp_verdict tcp_parse(struct reader *reader, struct rp_tcp *tcp);

#endif
