/* SPDX-License-Identifier: MIT */
/*
 * A received packet, header by header. What is there is decoded even when the whole is not sound, so that a
 * person can be shown it; only the verdict and the checksum say whether it may be believed.
 */
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

#define QUOTE_MIN 8 /* bytes after the quoted IPv4 header, RFC 792 */

static void take_rest(struct reader *reader, const uint8_t **rest, size_t *length)
{
	*length = reader_left(reader);
	*rest = *length ? reader_take(reader, *length) : NULL;
}

/* The datagram that an ICMP error is about. It is normal that only its beginning is quoted. */
static void parse_quote(struct rp_quote *quote, struct reader reader)
{
	struct rp_quote q = {.bytes = reader.at, .length = reader_left(&reader)};
	enum rp_verdict verdict = ipv4_parse(&reader, &q.ip);

	if (verdict != RP_PACKET_OK)
		return;
	if (q.length > q.ip.total_length)
		q.length = q.ip.total_length;
	if (q.length < q.ip.header_length + (size_t)QUOTE_MIN)
		return;
	q.present = true;
	reader = reader_of(q.bytes + q.ip.header_length, q.length - q.ip.header_length);
	if (q.ip.fragment_offset == 0 && q.ip.protocol == RP_PROTOCOL_ICMP)
		verdict = icmp_parse(&reader, &q.icmp);
	else if (q.ip.fragment_offset == 0 && q.ip.protocol == RP_PROTOCOL_TCP)
		verdict = tcp_parse(&reader, &q.tcp);
	if (verdict == RP_PACKET_OK)
		take_rest(&reader, &q.payload, &q.payload_length);
	*quote = q;
}

static enum rp_checksum judge_icmp(struct reader message)
{
	size_t length = reader_left(&message);

	return checksum_finish(checksum_add(0, message.at, length)) == 0 ? RP_CHECKSUM_GOOD : RP_CHECKSUM_BAD;
}

static enum rp_checksum judge_tcp(const struct rp_packet *packet, struct reader segment)
{
	size_t length = reader_left(&segment);
	uint32_t pseudo = checksum_pseudo(packet->ip.source, packet->ip.destination, RP_PROTOCOL_TCP, length);

	if (checksum_finish(checksum_add(pseudo, segment.at, length)) == 0)
		return RP_CHECKSUM_GOOD;
	return packet->tcp.checksum == checksum_fold(pseudo) ? RP_CHECKSUM_UNFILLED : RP_CHECKSUM_BAD;
}

/* Behind the IPv4 header. `whole`: the datagram is all there, so its checksum can be judged. */
static enum rp_verdict parse_transport(struct rp_packet *packet, struct reader reader, bool whole)
{
	struct reader start = reader;
	enum rp_verdict verdict;

	if (packet->ip.protocol == RP_PROTOCOL_ICMP)
		verdict = icmp_parse(&reader, &packet->icmp);
	else
		verdict = tcp_parse(&reader, &packet->tcp);
	if (verdict != RP_PACKET_OK)
		return verdict;
	if (packet->ip.protocol == RP_PROTOCOL_ICMP && icmp_is_error(&packet->icmp))
		parse_quote(&packet->quote, reader);
	take_rest(&reader, &packet->payload, &packet->payload_length);
	if (!whole)
		return RP_PACKET_TRUNCATED;
	packet->checksum = packet->ip.protocol == RP_PROTOCOL_ICMP ? judge_icmp(start) : judge_tcp(packet, start);
	return RP_PACKET_OK;
}

void rp_packet_parse(struct rp_packet *packet, const uint8_t *bytes, size_t length)
{
	struct reader reader = reader_of(bytes, length);
	bool whole;

	*packet = (struct rp_packet){.bytes = bytes, .length = length};
	packet->verdict = ipv4_parse(&reader, &packet->ip);
	if (packet->verdict != RP_PACKET_OK)
		return;
	if (length > packet->ip.total_length) {
		packet->length = packet->ip.total_length;
		reader = reader_of(bytes + packet->ip.header_length, packet->length - packet->ip.header_length);
	}
	/* The first fragment of several is a datagram cut short, whatever its own length says. */
	whole = packet->length == packet->ip.total_length && !packet->ip.more_fragments;
	if (packet->ip.fragment_offset > 0 ||
	    (packet->ip.protocol != RP_PROTOCOL_ICMP && packet->ip.protocol != RP_PROTOCOL_TCP))
		packet->verdict = RP_PACKET_OTHER;
	else
		packet->verdict = parse_transport(packet, reader, whole);
}
