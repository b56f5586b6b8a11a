/* SPDX-License-Identifier: MIT */
/* The messages that the peer can say. */
#include <string.h>

#include "world.h"

#define ICMP_HEADER 8
#define TCP_HEADER  20

/* RFC 1812 section 4.3.2.3: an ICMP error is at most this long. */
#define ERROR_MAX 576

size_t put_echo_reply(uint8_t *out, const struct envelope *envelope, uint16_t identifier, uint16_t sequence,
		      const uint8_t *payload, size_t length)
{
	memset(out, 0, ICMP_HEADER);
	put16(out + 4, identifier);
	put16(out + 6, sequence);
	memmove(out + ICMP_HEADER, payload, length); /* it may stand there already */
	packet_sum(envelope, out, ICMP_HEADER + length);
	return ICMP_HEADER + length;
}

/* What a Linux host puts into its SYN-ACK: MSS 1460, SACK permitted, window scale 7. */
static size_t put_options(uint8_t *out, const struct segment *segment)
{
	static const uint8_t options[] = {2, 4, 0x05, 0xb4, 1, 1, 4, 2, 1, 3, 3, 7};
	size_t length = segment->only_mss ? 4 : sizeof options;

	if (!(segment->flags & TCP_SYN))
		return 0;
	memcpy(out, options, length);
	return length;
}

size_t put_segment(uint8_t *out, const struct envelope *envelope, const struct segment *segment)
{
	size_t header = TCP_HEADER + put_options(out + TCP_HEADER, segment);

	put16(out, segment->source_port);
	put16(out + 2, segment->destination_port);
	put32(out + 4, segment->sequence);
	put32(out + 8, segment->acknowledgment);
	out[12] = (uint8_t)(header / 4 << 4);
	out[13] = segment->flags;
	put16(out + 14, segment->window);
	put32(out + 16, 0);
	memset(out + header, 'x', segment->data);
	packet_sum(envelope, out, header + segment->data);
	return header + segment->data;
}

size_t put_error(uint8_t *out, const struct envelope *envelope, uint16_t type_code, uint32_t rest,
		 const struct request *request, const struct rule *rule)
{
	size_t most = ERROR_MAX - packet_ip_size(envelope->options) - ICMP_HEADER;
	size_t length = request->length;
	uint8_t *quoted = out + ICMP_HEADER;
	uint8_t *header = quoted + request->header_length;

	if (rule->error_quote < length - request->header_length)
		length = request->header_length + rule->error_quote;
	if (length > most)
		length = most;
	put16(out, type_code);
	put16(out + 2, 0);
	put32(out + 4, rest);
	memcpy(quoted, request->bytes, length);
	if (rule->error_sequence && request->kind == SEEN_ECHO)
		put16(header + 6, request->echo_sequence + (uint32_t)rule->error_sequence);
	else if (rule->error_sequence)
		put32(header + 4, request->tcp_sequence + (uint32_t)rule->error_sequence);
	if (rule->error_source)
		put32(quoted + 12, rule->error_source);
	if (rule->error_flip < length - request->header_length - ICMP_HEADER)
		header[ICMP_HEADER + rule->error_flip] ^= 1;
	packet_sum(envelope, out, ICMP_HEADER + length);
	return ICMP_HEADER + length;
}
