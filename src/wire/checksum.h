/* SPDX-License-Identifier: MIT */
/* The Internet checksum (RFC 1071) and the pseudo-header of TCP (RFC 9293 section 3.1). */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include <rprobe/packet.h>

/* Adds `length` bytes to a running sum that starts at 0. Only the last piece may have an odd length. */
uint32_t checksum_add(uint32_t sum, const void *bytes, size_t length);

/* Folds to 16 bits without the complement: what an offloading kernel leaves in the field. */
uint16_t checksum_fold(uint32_t sum);

/* Folds and complements: the value of the header field, in host order. Over a whole message whose
 * checksum is right this is 0. */
uint16_t checksum_finish(uint32_t sum);

/* The running sum of the IPv4 pseudo-header. */
uint32_t checksum_pseudo(struct rp_addr source, struct rp_addr destination, uint8_t protocol, size_t length);

#endif
