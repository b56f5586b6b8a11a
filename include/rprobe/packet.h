/* SPDX-License-Identifier: MIT */
/*
 * Packets as the tools see them: addresses and decoded headers, with the field names of the RFCs.
 *
 * Everything here is plain data in host byte order. Decoding is rp_packet_parse(); it never fails,
 * it gives a verdict, because a damaged packet is something that happened and not our error.
 */
#ifndef RPROBE_PACKET_H
#define RPROBE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The longest text of an address that rp_addr_format() writes, with its terminator (IPv6 fits). */
#define RP_ADDR_TEXT_SIZE 46

enum rp_family {
	RP_FAMILY_NONE = 0, /* no address */
	RP_FAMILY_IPV4 = 4,
	RP_FAMILY_IPV6 = 6, /* reserved: no probe type speaks it yet */
};

/* An address. The bytes are in network order; IPv4 uses the first four, the rest are zero, so two
 * addresses are equal exactly when their bytes are. */
struct rp_addr {
	uint8_t family; /* enum rp_family */
	uint8_t bytes[16];
};

/* RFC 791 section 3.1. */
struct rp_ipv4 {
	uint8_t version;
	uint8_t header_length; /* bytes, 20 to 60 (IHL x 4) */
	uint8_t type_of_service;
	uint8_t time_to_live;
	uint8_t protocol;
	bool dont_fragment;
	bool more_fragments;
	uint16_t fragment_offset; /* bytes */
	uint16_t total_length;    /* bytes, as the header says it */
	uint16_t identification;
	uint16_t header_checksum;
	struct rp_addr source;
	struct rp_addr destination;
	const uint8_t *options; /* into the packet; NULL when there are none */
	uint8_t options_length; /* bytes */
};

enum rp_icmp_type { /* RFC 792 */
		    RP_ICMP_ECHO_REPLY = 0,
		    RP_ICMP_DESTINATION_UNREACHABLE = 3,
		    RP_ICMP_SOURCE_QUENCH = 4,
		    RP_ICMP_REDIRECT = 5,
		    RP_ICMP_ECHO = 8,
		    RP_ICMP_TIME_EXCEEDED = 11,
		    RP_ICMP_PARAMETER_PROBLEM = 12,
};

/* RFC 792; next_hop_mtu is RFC 1191. A field is zero where the type does not carry it. */
struct rp_icmp {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint16_t identifier;    /* echo, echo reply */
	uint16_t sequence;      /* echo, echo reply */
	uint16_t next_hop_mtu;  /* destination unreachable, code 4; 0 from routers older than RFC 1191 */
	uint8_t pointer;        /* parameter problem */
	struct rp_addr gateway; /* redirect */
};

enum rp_tcp_flag { /* RFC 9293 section 3.1 */
		   RP_TCP_FIN = 0x01,
		   RP_TCP_SYN = 0x02,
		   RP_TCP_RST = 0x04,
		   RP_TCP_PSH = 0x08,
		   RP_TCP_ACK = 0x10,
		   RP_TCP_URG = 0x20,
		   RP_TCP_ECE = 0x40,
		   RP_TCP_CWR = 0x80,
};

/* RFC 9293 section 3.1; options of section 3.2, RFC 7323 and RFC 2018. */
struct rp_tcp {
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t sequence;
	uint32_t acknowledgment;
	uint8_t header_length; /* bytes, 20 to 60 (data offset x 4) */
	uint8_t flags;         /* enum rp_tcp_flag, or-ed */
	uint16_t window;
	uint16_t checksum;
	uint16_t urgent_pointer;
	bool has_mss;
	bool has_window_scale;
	bool has_timestamps;
	bool sack_permitted;
	uint16_t mss;
	uint8_t window_scale;
	uint32_t timestamp_value;
	uint32_t timestamp_echo;
	const uint8_t *options; /* into the packet; NULL when there are none */
	uint8_t options_length; /* bytes */
};

enum rp_protocol {
	RP_PROTOCOL_ICMP = 1,
	RP_PROTOCOL_TCP = 6,
};

/* What decoding made of the bytes. */
enum rp_verdict {
	RP_PACKET_OK,
	RP_PACKET_TRUNCATED, /* shorter than its own headers say */
	RP_PACKET_MALFORMED, /* a length or version field that cannot be */
	RP_PACKET_OTHER,     /* sound IPv4, but neither ICMP nor TCP, or a later fragment */
};

/* What the checksum of the transport header says. */
enum rp_checksum {
	RP_CHECKSUM_NONE, /* not looked at: the packet is truncated, malformed or quoted */
	RP_CHECKSUM_GOOD,
	RP_CHECKSUM_UNFILLED, /* holds the sum of the pseudo-header alone: a local peer that left it to the device */
	RP_CHECKSUM_BAD,
};

/* The datagram that an ICMP error quotes: its IPv4 header and at least 8 bytes after it (RFC 792).
 * `icmp` holds type, code, checksum, identifier and sequence; `tcp` holds ports and sequence, the rest only
 * where `length` reaches it. */
struct rp_quote {
	bool present; /* a whole IPv4 header and 8 bytes were there */
	struct rp_ipv4 ip;
	struct rp_icmp icmp;
	struct rp_tcp tcp;
	const uint8_t *bytes;   /* into the packet: the quoted IPv4 header */
	const uint8_t *payload; /* into the packet: what follows the quoted transport header; NULL if nothing does */
	size_t length;          /* bytes quoted, header included */
	size_t payload_length;
};

/* A decoded packet. Every pointer points into the bytes it was decoded from. */
struct rp_packet {
	enum rp_verdict verdict;
	enum rp_checksum checksum;
	bool header_made;     /* the IPv4 header is made from what the kernel reports (datagram socket) */
	const uint8_t *bytes; /* the IPv4 header */
	size_t length;        /* bytes: what was there, cut to total_length */
	struct rp_ipv4 ip;
	struct rp_icmp icmp; /* when ip.protocol is ICMP */
	struct rp_tcp tcp;   /* when ip.protocol is TCP */
	struct rp_quote quote;
	const uint8_t *payload; /* what follows the transport header; NULL if nothing does */
	size_t payload_length;
};

/* Decodes an IPv4 packet of `length` bytes. The result points into `bytes`; no input is refused. */
void rp_packet_parse(struct rp_packet *packet, const uint8_t *bytes, size_t length);

enum rp_detail {
	RP_DETAIL_BRIEF, /* a line for each header */
	RP_DETAIL_FULL,  /* a line for each field, with its offset */
};

/* The packet as text, whole lines: its headers, what an answer says of the probe that was sent (how far it came,
 * what was changed on its way), or its bytes in hexadecimal. Returns the length of the text as snprintf() does;
 * `text` may be NULL when `size` is 0. */
size_t rp_packet_decode(const struct rp_packet *packet, enum rp_detail detail, char *text, size_t size);
size_t rp_packet_compare(const struct rp_packet *answer, const struct rp_packet *probe, char *text, size_t size);
size_t rp_packet_dump(const struct rp_packet *packet, char *text, size_t size);

/* Makes an IPv4 address from its 32 bits in host order, and back (0 for any other family). */
struct rp_addr rp_addr_ipv4(uint32_t value);
uint32_t rp_addr_ipv4_value(struct rp_addr address);

/* Equality of family and bytes. */
bool rp_addr_equal(struct rp_addr a, struct rp_addr b);

/* Reads a dotted quad, strictly four decimal numbers 0 to 255. 0, or -EINVAL. */
int rp_addr_parse(const char *text, struct rp_addr *address);

/* Writes the address as text ("-" for none) into `text` and returns `text`. */
const char *rp_addr_format(struct rp_addr address, char text[RP_ADDR_TEXT_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
