/* SPDX-License-Identifier: MIT */
/*
 * Packets as raw bytes: a second implementation, from the RFCs alone, of what src/wire and src/probe do.
 * It builds what hosts and routers answer, and says which answer belongs to which probe.
 */
#ifndef TESTS_SIM_BYTES_H
#define TESTS_SIM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/inet.h"

/* Room for any packet that bytes_*() make. */
#define BYTES_ROOM 65535

enum bytes_flags { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

/* The transport header, behind the IPv4 header. */
const uint8_t *bytes_inner(const uint8_t *packet);

/* The Internet checksum (RFC 1071) is right: of the IPv4 header; of the ICMP message or TCP segment. A segment may also
 * hold the sum of its pseudo-header alone, as a host on the same machine sends it. */
bool bytes_header_sound(const uint8_t *packet, size_t length);
bool bytes_inner_sound(const uint8_t *packet, size_t length);

/* Makes both right again. */
void bytes_repair(uint8_t *packet, size_t length);

/* What a host and a router answer, into BYTES_ROOM bytes; the length. `quote`: bytes of the packet in an error. */
size_t bytes_echo_reply(const uint8_t *probe, size_t length, uint8_t *out);
size_t bytes_segment(const uint8_t *probe, unsigned flags, uint32_t sequence, uint32_t acknowledgment, uint8_t *out);
size_t bytes_error(const uint8_t *packet, uint32_t from, unsigned type, unsigned code, uint32_t rest, size_t quote,
		   uint8_t *out);

enum bytes_answer {
	ANSWER_NONE,  /* not to be believed as an answer to that probe */
	ANSWER_REPLY, /* from the one who got the probe */
	ANSWER_OTHER, /* what it names may be unknown: another probe between the same ports, or elsewhere */
	ANSWER_ERROR, /* ICMP error that quotes it */
};

/* Whether a packet answers a probe. */
enum bytes_answer bytes_answers(const uint8_t *packet, size_t length, const uint8_t *probe, size_t probe_length);

/* A TCP segment with SYN and ACK, and no RST. */
bool bytes_is_syn_ack(const uint8_t *packet);

/* The first payload byte of an echo reply that is not the probe's, or is missing or too much; UINT32_MAX. */
uint32_t bytes_difference(const uint8_t *packet, const uint8_t *probe, size_t probe_length);

#endif
