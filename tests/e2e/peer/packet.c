/* SPDX-License-Identifier: MIT */
/* IPv4 (RFC 791), ICMP (RFC 792) and TCP (RFC 9293) headers, octet by octet. */
#include "packet.h"

#include <string.h>

#define IP_MINIMUM   20
#define ICMP_MINIMUM 8
#define TCP_MINIMUM  20

/* The pseudo header of RFC 9293 section 3.1. */
static uint64_t pseudo(uint32_t source, uint32_t destination, size_t length)
{
	return (uint64_t)(source >> 16) + (source & 0xffff) + (destination >> 16) + (destination & 0xffff) +
	       PROTOCOL_TCP + length;
}

static enum seen parse_icmp(struct request *request, const uint8_t *bytes, size_t length)
{
	if (length < ICMP_MINIMUM)
		return SEEN_MALFORMED;
	if (inet_sum(0, bytes, length) != 0)
		return SEEN_BAD_CHECKSUM;
	if (bytes[0] != 8 || bytes[1] != 0)
		return SEEN_ICMP_OTHER;
	request->identifier = get16(bytes + 4);
	request->echo_sequence = get16(bytes + 6);
	request->payload = bytes + ICMP_MINIMUM;
	request->payload_length = length - ICMP_MINIMUM;
	return SEEN_ECHO;
}

static enum seen parse_tcp(struct request *request, const uint8_t *bytes, size_t length)
{
	if (length < TCP_MINIMUM || (size_t)(bytes[12] >> 4) * 4 < TCP_MINIMUM || (size_t)(bytes[12] >> 4) * 4 > length)
		return SEEN_MALFORMED;
	if (inet_sum(pseudo(request->source, request->destination, length), bytes, length) != 0)
		return SEEN_BAD_CHECKSUM;
	request->source_port = get16(bytes);
	request->destination_port = get16(bytes + 2);
	request->tcp_sequence = get32(bytes + 4);
	if (bytes[13] & TCP_RST)
		return SEEN_RST;
	return (bytes[13] & (TCP_SYN | TCP_ACK | TCP_FIN)) == TCP_SYN ? SEEN_SYN : SEEN_TCP_OTHER;
}

void packet_parse(struct request *request, const uint8_t *bytes, size_t length)
{
	*request = (struct request){.kind = SEEN_MALFORMED, .bytes = bytes, .length = length};
	if (length > 0 && bytes[0] >> 4 != 4)
		request->kind = SEEN_OTHER;
	if (length < IP_MINIMUM || bytes[0] >> 4 != 4)
		return;
	request->header_length = (size_t)(bytes[0] & 15) * 4;
	if (request->header_length < IP_MINIMUM || request->header_length > length || get16(bytes + 2) != length)
		return;
	request->source = get32(bytes + 12);
	request->destination = get32(bytes + 16);
	request->protocol = bytes[9];
	if (inet_sum(0, bytes, request->header_length) != 0)
		request->kind = SEEN_BAD_CHECKSUM;
	else if (get16(bytes + 6) & 0x3fff)
		request->kind = SEEN_FRAGMENT;
	else if (request->protocol == PROTOCOL_ICMP)
		request->kind = parse_icmp(request, bytes + request->header_length, length - request->header_length);
	else if (request->protocol == PROTOCOL_TCP)
		request->kind = parse_tcp(request, bytes + request->header_length, length - request->header_length);
	else
		request->kind = SEEN_OTHER;
}

size_t packet_ip_size(enum ip_options options)
{
	return options == IP_OPTIONS_NONE ? IP_MINIMUM : options == IP_OPTIONS_UNKNOWN ? IP_MINIMUM + 4 : 60;
}

static void put_options(uint8_t *out, const struct envelope *envelope)
{
	if (envelope->options == IP_OPTIONS_UNKNOWN) {
		memcpy(out, (const uint8_t[]){0x9e, 4, 0x12, 0x34},
		       4); /* number 30 of class 0: an experiment, RFC 4727 */
	} else if (envelope->options == IP_OPTIONS_RECORD_ROUTE) {
		memset(out, 0, 40);
		memcpy(out, (const uint8_t[]){7, 39, 8}, 3); /* nine slots, the first one filled */
		put32(out + 3, envelope->source);
	}
}

size_t packet_put_ip(uint8_t *out, const struct envelope *envelope, size_t length)
{
	size_t size = packet_ip_size(envelope->options);

	out[0] = (uint8_t)(4 << 4 | size / 4);
	out[1] = envelope->type_of_service;
	put16(out + 2, (uint32_t)(size + length));
	put16(out + 4, envelope->identification);
	put16(out + 6, 0);
	out[8] = envelope->time_to_live;
	out[9] = envelope->protocol;
	put16(out + 10, 0);
	put32(out + 12, envelope->source);
	put32(out + 16, envelope->destination);
	put_options(out + IP_MINIMUM, envelope);
	put16(out + 10, inet_sum(0, out, size));
	return size;
}

void packet_sum(const struct envelope *envelope, uint8_t *out, size_t length)
{
	bool tcp = envelope->protocol == PROTOCOL_TCP;
	uint8_t *field = out + (tcp ? 16 : 2);

	put16(field, 0);
	put16(field, inet_sum(tcp ? pseudo(envelope->source, envelope->destination, length) : 0, out, length));
}
