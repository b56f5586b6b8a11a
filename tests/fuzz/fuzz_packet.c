/* SPDX-License-Identifier: MIT */
/*
 * Decoding: whatever the bytes, every pointer stays inside them, lengths agree, fields are what stands at the RFCs'
 * offsets, and a sound packet that is written again decodes to the same.
 */
#include "fuzz.h"

#include "dissect/decode.h"
#include "wire/fragment.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/ipopts.h"
#include "wire/tcp.h"

static unsigned at16(const uint8_t *bytes, size_t offset)
{
	return (unsigned)bytes[offset] << 8 | bytes[offset + 1];
}

static uint32_t at32(const uint8_t *bytes, size_t offset)
{
	return (uint32_t)at16(bytes, offset) << 16 | at16(bytes, offset + 2);
}

/* NULL exactly when there is nothing, else within [start, start + size). */
static void check_inside(const uint8_t *start, size_t size, const uint8_t *part, size_t length)
{
	check((part == NULL) == (length == 0));
	if (part != NULL)
		check(part >= start && length <= size && (size_t)(part - start) <= size - length);
}

static void check_ip(const struct rp_ipv4 *ip, const uint8_t *bytes, size_t size)
{
	check(size >= 20 && ip->version == 4 && ip->header_length == (bytes[0] & 15) * 4);
	check(ip->header_length >= 20 && ip->total_length >= ip->header_length && ip->header_length <= size);
	check(ip->type_of_service == bytes[1] && ip->total_length == at16(bytes, 2));
	check(ip->identification == at16(bytes, 4) && ip->fragment_offset == at16(bytes, 6) % 0x2000 * 8);
	check(ip->dont_fragment == (bytes[6] >> 6 & 1) && ip->more_fragments == (bytes[6] >> 5 & 1));
	check(ip->time_to_live == bytes[8] && ip->protocol == bytes[9] && ip->header_checksum == at16(bytes, 10));
	check(rp_addr_ipv4_value(ip->source) == at32(bytes, 12));
	check(rp_addr_ipv4_value(ip->destination) == at32(bytes, 16));
	check(ip->options_length == ip->header_length - 20);
	check_inside(bytes + 20, ip->header_length - 20U, ip->options, ip->options_length);
}

static void check_icmp(const struct rp_icmp *icmp, const uint8_t *message)
{
	bool echo = message[0] == 0 || message[0] == 8;
	bool too_big = message[0] == 3 && message[1] == 4;

	check(icmp->type == message[0] && icmp->code == message[1] && icmp->checksum == at16(message, 2));
	check(icmp->identifier == (echo ? at16(message, 4) : 0) && icmp->sequence == (echo ? at16(message, 6) : 0));
	check(icmp->next_hop_mtu == (too_big ? at16(message, 6) : 0));
	check(icmp->pointer == (message[0] == 12 ? message[4] : 0));
	check(rp_addr_ipv4_value(icmp->gateway) == (message[0] == 5 ? at32(message, 4) : 0));
}

/* `size` bytes of the segment are there; what they do not reach is zero. */
static void check_tcp(const struct rp_tcp *tcp, const uint8_t *segment, size_t size)
{
	check(size < 2 || tcp->source_port == at16(segment, 0));
	check(size < 4 || tcp->destination_port == at16(segment, 2));
	check(size < 8 || tcp->sequence == at32(segment, 4));
	check(size >= 12 || tcp->acknowledgment == 0);
	if (size < 20) {
		check(tcp->options == NULL && tcp->options_length == 0 && tcp->urgent_pointer == 0);
		return;
	}
	check(tcp->acknowledgment == at32(segment, 8) && tcp->header_length == (segment[12] >> 4) * 4);
	check(tcp->flags == segment[13] && tcp->window == at16(segment, 14) && tcp->checksum == at16(segment, 16));
	check(tcp->urgent_pointer == at16(segment, 18));
	check_inside(segment + 20, size - 20, tcp->options, tcp->options_length);
	check(tcp->options_length == 0 || tcp->options_length == tcp->header_length - 20);
	if (tcp->options_length == 0)
		check(!tcp->has_mss && !tcp->has_window_scale && !tcp->has_timestamps && !tcp->sack_permitted);
	check(tcp->has_mss || tcp->mss == 0);
	check(tcp->has_window_scale || tcp->window_scale == 0);
	check(tcp->has_timestamps || (tcp->timestamp_value == 0 && tcp->timestamp_echo == 0));
}

static void check_quote(const struct rp_packet *packet)
{
	const struct rp_quote *quote = &packet->quote;

	if (!quote->present) {
		check(quote->bytes == NULL && quote->payload == NULL && quote->length == 0);
		return;
	}
	check(packet->ip.protocol == RP_PROTOCOL_ICMP && icmp_is_error(&packet->icmp));
	check(quote->bytes == packet->payload && quote->length <= packet->payload_length);
	check_ip(&quote->ip, quote->bytes, quote->length);
	check(quote->length >= quote->ip.header_length + 8U && quote->length <= quote->ip.total_length);
	check_inside(quote->bytes, quote->length, quote->payload, quote->payload_length);
	if (quote->payload != NULL)
		check(quote->payload + quote->payload_length == quote->bytes + quote->length);
	if (quote->ip.fragment_offset > 0)
		return;
	if (quote->ip.protocol == RP_PROTOCOL_ICMP)
		check_icmp(&quote->icmp, quote->bytes + quote->ip.header_length);
	if (quote->ip.protocol == RP_PROTOCOL_TCP)
		check_tcp(&quote->tcp, quote->bytes + quote->ip.header_length, quote->length - quote->ip.header_length);
}

static void check_transport(const struct rp_packet *packet)
{
	const uint8_t *start = packet->bytes + packet->ip.header_length;
	size_t size = packet->length - packet->ip.header_length;
	bool sound = packet->verdict == RP_PACKET_OK;
	bool icmp = packet->ip.protocol == RP_PROTOCOL_ICMP;

	if (icmp && (sound || size >= 8))
		check_icmp(&packet->icmp, start);
	if (!icmp)
		check_tcp(&packet->tcp, start, size);
	if (sound) {
		size_t header = icmp ? 8 : packet->tcp.header_length;

		check(size >= header && packet->payload_length == size - header);
		check(packet->payload == NULL || packet->payload == start + header);
		check(packet->length == packet->ip.total_length && packet->checksum != RP_CHECKSUM_NONE);
		check(!packet->ip.more_fragments && packet->ip.fragment_offset == 0);
		check(!icmp || packet->checksum != RP_CHECKSUM_UNFILLED);
	}
}

static void check_packet(const struct rp_packet *packet, const uint8_t *bytes, size_t size)
{
	check(packet->bytes == bytes && packet->length <= size);
	check_inside(bytes, size, packet->payload, packet->payload_length);
	check_quote(packet);
	if (packet->verdict != RP_PACKET_OK)
		check(packet->checksum == RP_CHECKSUM_NONE);
	/* A header that cannot be, or is not all there, has nothing behind it. */
	if (size < 20 || bytes[0] >> 4 != 4 || (bytes[0] & 15) < 5 || size < (bytes[0] & 15U) * 4 ||
	    at16(bytes, 2) < (bytes[0] & 15U) * 4) {
		check(packet->verdict == RP_PACKET_MALFORMED || packet->verdict == RP_PACKET_TRUNCATED);
		check(packet->payload == NULL && packet->icmp.type == 0 && packet->tcp.header_length == 0);
		return;
	}
	check_ip(&packet->ip, bytes, size);
	check(packet->length == (size < packet->ip.total_length ? size : packet->ip.total_length));
	if (packet->verdict == RP_PACKET_OTHER)
		check(packet->payload == NULL && packet->tcp.header_length == 0);
	else
		check_transport(packet);
}

static void check_same(const struct rp_packet *a, const struct rp_packet *b)
{
	check(b->verdict == RP_PACKET_OK && b->checksum == RP_CHECKSUM_GOOD);
	check(a->ip.type_of_service == b->ip.type_of_service && a->ip.time_to_live == b->ip.time_to_live);
	check(a->ip.identification == b->ip.identification && a->ip.dont_fragment == b->ip.dont_fragment);
	check(rp_addr_equal(a->ip.source, b->ip.source) && rp_addr_equal(a->ip.destination, b->ip.destination));
	check(a->ip.options_length == b->ip.options_length);
	check(a->ip.options == NULL || memcmp(a->ip.options, b->ip.options, a->ip.options_length) == 0);
	check(a->payload_length == b->payload_length);
	check(a->payload == NULL || memcmp(a->payload, b->payload, a->payload_length) == 0);
	check(a->icmp.identifier == b->icmp.identifier && a->icmp.sequence == b->icmp.sequence);
	check(a->tcp.source_port == b->tcp.source_port && a->tcp.destination_port == b->tcp.destination_port);
	check(a->tcp.sequence == b->tcp.sequence && a->tcp.acknowledgment == b->tcp.acknowledgment);
	check(a->tcp.flags == b->tcp.flags && a->tcp.window == b->tcp.window);
	check(a->tcp.urgent_pointer == b->tcp.urgent_pointer && a->tcp.sack_permitted == b->tcp.sack_permitted);
	check(a->tcp.has_mss == b->tcp.has_mss && a->tcp.mss == b->tcp.mss);
	check(a->tcp.has_window_scale == b->tcp.has_window_scale && a->tcp.window_scale == b->tcp.window_scale);
	check(a->tcp.has_timestamps == b->tcp.has_timestamps && a->tcp.timestamp_value == b->tcp.timestamp_value);
	check(a->tcp.timestamp_echo == b->tcp.timestamp_echo);
}

/* Written again: our own options in our own order, so lengths may shrink. */
static void check_round_trip(const struct rp_packet *packet)
{
	uint8_t bytes[UINT16_MAX];
	struct rp_packet again;
	struct rp_ipv4 ip = packet->ip;
	bool tcp = ip.protocol == RP_PROTOCOL_TCP;

	if (packet->verdict != RP_PACKET_OK || (!tcp && (packet->icmp.type != RP_ICMP_ECHO || packet->icmp.code != 0)))
		return;
	struct writer writer = writer_of(bytes + ip.header_length, sizeof bytes - ip.header_length);
	if (tcp)
		tcp_put(&writer, &packet->tcp, ip.source, ip.destination, packet->payload, packet->payload_length);
	else
		icmp_put_echo(&writer, &packet->icmp, packet->payload, packet->payload_length);
	check(!writer.failed);
	ip.total_length = (uint16_t)(ip.header_length + writer_length(&writer));
	check(ip.total_length <= packet->ip.total_length);
	writer = writer_of(bytes, ip.header_length);
	ipv4_put(&writer, &ip);
	check(!writer.failed && writer_length(&writer) == ip.header_length);
	rp_packet_parse(&again, bytes, ip.total_length);
	check_packet(&again, bytes, ip.total_length);
	check_same(packet, &again);
}

/* For people: whole lines, and nothing in them that steers a terminal. */
static void check_text(const struct rp_packet *packet)
{
	struct strbuf text;

	strbuf_init(&text);
	decode_full(&text, packet);
	decode_brief(&text, packet);
	decode_compare(&text, packet, packet);
	check(!text.failed && text.length == strlen(text.text));
	for (size_t i = 0; i < text.length; i++)
		check(text.text[i] == '\n' || ((unsigned char)text.text[i] >= ' ' && text.text[i] != 0x7f));
	check(text.length == 0 || text.text[text.length - 1] == '\n');
	strbuf_fini(&text);
}

/* Cut for a small link: each piece fits it, and together they are what was cut. */
static void check_fragments(const struct rp_packet *packet)
{
	static const uint8_t mtus[] = {68, 69, 75, 76, 77, 100, 128, 200};
	size_t mtu = mtus[packet->ip.identification % sizeof mtus], at = packet->ip.header_length;
	uint8_t bytes[256];

	if (packet->verdict != RP_PACKET_OK)
		return;
	struct fragmenter fragmenter = fragmenter_of(packet->bytes, packet->length, mtu, 7);
	for (size_t length; (length = fragmenter_next(&fragmenter, bytes)) > 0;) {
		struct rp_packet piece;
		size_t part = length - (bytes[0] & 15U) * 4;

		check(length <= mtu);
		rp_packet_parse(&piece, bytes, length);
		check_packet(&piece, bytes, length);
		check(piece.length == length && piece.ip.identification == 7 && !piece.ip.dont_fragment);
		check(piece.ip.fragment_offset == at - packet->ip.header_length);
		check(part > 0 && part <= packet->length - at);
		check(memcmp(bytes + length - part, packet->bytes + at, part) == 0);
		at += part;
		check(piece.ip.more_fragments == (at < packet->length));
	}
	check(at == packet->length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct rp_packet packet;

	rp_packet_parse(&packet, bytes, length);
	check_packet(&packet, bytes, length);
	check_round_trip(&packet);
	check_text(&packet);
	check_fragments(&packet);
	if (packet.verdict == RP_PACKET_OK || packet.verdict == RP_PACKET_OTHER)
		check(ipopts_final(&packet.ip).family == RP_FAMILY_IPV4);
	return 0;
}
