/* SPDX-License-Identifier: MIT */
/* Words for the numbers in headers (RFC 791, 792, 9293; IANA's registries); NULL where there is none. words_ecn() and
 * words_checksum() have one for every value. */
#ifndef DISSECT_WORDS_H
#define DISSECT_WORDS_H

#include <rprobe/packet.h>

const char *words_protocol(unsigned protocol);
const char *words_icmp_type(unsigned type);
const char *words_icmp_code(unsigned type, unsigned code);
const char *words_ip_option(unsigned type);
const char *words_tcp_option(unsigned kind);
const char *words_ecn(unsigned type_of_service);
const char *words_checksum(enum rp_checksum checksum);

/* Names of DSCP (RFC 2474, 2597, 3246, 8622): "cs3", "af21", "ef"; "" for others. Writes into `text` and returns it. */
const char *words_dscp(unsigned type_of_service, char text[8]);

/* "SYN ACK"; "none". */
const char *words_tcp_flags(unsigned flags, char text[40]);

#endif
