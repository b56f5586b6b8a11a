/* SPDX-License-Identifier: MIT */
/* The IPv4 header (RFC 791), both ways. */
#ifndef WIRE_IPV4_H
#define WIRE_IPV4_H

#include <rprobe/packet.h>

#include "base/bytes.h"

#define IPV4_HEADER_MIN 20
#define IPV4_HEADER_MAX 60

/* Writes the header with its options (padded to a multiple of 4 with end-of-list) and checksum.
 * header_length and header_checksum are computed, total_length is taken as given. */
void ipv4_put(struct writer *writer, const struct rp_ipv4 *ip);

/* Reads a header. MALFORMED: version not 4, header length under 20, total length under the header's.
 * TRUNCATED: the header itself is not all there. The reader stands behind the header afterwards.
 * The header checksum is not judged: the kernel has done so, and offload leaves it unfilled. */
enum rp_verdict ipv4_parse(struct reader *reader, struct rp_ipv4 *ip);

#endif
