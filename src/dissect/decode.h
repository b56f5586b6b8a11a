/* SPDX-License-Identifier: MIT */
/*
 * A packet for people. What is printed is what stands in the bytes; what is concluded from them is in brackets.
 * A quoted datagram stands one step deeper below the message that quotes it.
 */
#ifndef DISSECT_DECODE_H
#define DISSECT_DECODE_H

#include <rprobe/packet.h>

#include "base/strbuf.h"

/* One field a line, with its offset as in the hexadecimal rows, its raw value and what it means. */
void decode_full(struct strbuf *out, const struct rp_packet *packet);

/* One line a layer. */
void decode_brief(struct strbuf *out, const struct rp_packet *packet);

/* What the answer says of the probe as it was sent: whether it is the one acknowledged, how far it came, what was
 * changed on its way. Each conclusion is a line in brackets. */
void decode_compare(struct strbuf *out, const struct rp_packet *answer, const struct rp_packet *probe);

/* The verdict on checksums that decoding left open: of the IPv4 header, and of a datagram that is quoted whole. */
bool decode_header_sound(const struct rp_ipv4 *ip, const uint8_t *bytes, size_t length);
enum rp_checksum decode_quote_checksum(const struct rp_quote *quote);

#endif
