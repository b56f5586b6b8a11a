/* SPDX-License-Identifier: MIT */
/*
 * Packets as the peer reads and writes them. Shares no code with the library on purpose: where the two
 * disagree about a header or a checksum, a test fails. Addresses and ports are in host order.
 */
#ifndef PEER_PACKET_H
#define PEER_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../lib/inet.h"

enum protocol {
	PROTOCOL_ANY = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
};

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
};

enum seen {
	SEEN_ECHO,
	SEEN_SYN,
	SEEN_RST,
	SEEN_TCP_OTHER,
	SEEN_ICMP_OTHER,
	SEEN_FRAGMENT,
	SEEN_OTHER, /* another protocol, IPv6 */
	SEEN_MALFORMED,
	SEEN_BAD_CHECKSUM,
	SEEN_KINDS,
};

/* A datagram that came, decoded; `bytes` and `payload` point into the buffer that it was read into. */
struct request {
	enum seen kind;
	const uint8_t *bytes;
	size_t length;
	size_t header_length;
	uint32_t source;
	uint32_t destination;
	uint8_t protocol;
	uint16_t identifier; /* ICMP echo */
	uint16_t echo_sequence;
	uint16_t source_port; /* TCP */
	uint16_t destination_port;
	uint32_t tcp_sequence;
	const uint8_t *payload; /* ICMP echo */
	size_t payload_length;
};

/* Bytes of IP options that a reply can carry. */
enum ip_options {
	IP_OPTIONS_NONE,
	IP_OPTIONS_RECORD_ROUTE,
	IP_OPTIONS_UNKNOWN,
};

/* The IP header of a packet to be sent. */
struct envelope {
	uint32_t source;
	uint32_t destination;
	uint8_t protocol;
	uint8_t time_to_live;
	uint8_t type_of_service;
	uint16_t identification;
	enum ip_options options;
};

/* The datagram in `bytes`: kind says what it is, MALFORMED and BAD_CHECKSUM included. */
void packet_parse(struct request *request, const uint8_t *bytes, size_t length);

/* Writes the header, checksum included, of a datagram with `length` bytes behind it; returns its size. */
size_t packet_put_ip(uint8_t *out, const struct envelope *envelope, size_t length);
size_t packet_ip_size(enum ip_options options);

/* Fills in the checksum of `length` bytes of ICMP or TCP. */
void packet_sum(const struct envelope *envelope, uint8_t *out, size_t length);

#endif
