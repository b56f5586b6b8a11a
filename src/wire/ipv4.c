/* SPDX-License-Identifier: MIT */
/* The layout of the IPv4 header. */
#include <string.h>

#include "wire/checksum.h"
#include "wire/ipv4.h"

#define FLAG_DONT_FRAGMENT  0x4000
#define FLAG_MORE_FRAGMENTS 0x2000
#define FRAGMENT_OFFSET     0x1fff
#define CHECKSUM_AT         10

void ipv4_put(struct writer *writer, const struct rp_ipv4 *ip)
{
	unsigned padding = -(unsigned)ip->options_length & 3;
	unsigned header_length = IPV4_HEADER_MIN + ip->options_length + padding;
	uint8_t *header = header_length <= IPV4_HEADER_MAX ? writer_take(writer, header_length) : NULL;

	if (header == NULL) {
		writer->failed = true;
		return;
	}
	uint8_t *at = put_u8(header, (uint8_t)(0x40 | header_length / 4));
	at = put_u8(at, ip->type_of_service);
	at = put_u16(at, ip->total_length);
	at = put_u16(at, ip->identification);
	at = put_u16(at, (uint16_t)((ip->dont_fragment ? FLAG_DONT_FRAGMENT : 0) |
				    (ip->more_fragments ? FLAG_MORE_FRAGMENTS : 0) | ip->fragment_offset / 8));
	at = put_u8(at, ip->time_to_live);
	at = put_u8(at, ip->protocol);
	at = put_u16(at, 0);
	memcpy(at, ip->source.bytes, 4);
	memcpy(at + 4, ip->destination.bytes, 4);
	if (header_length > IPV4_HEADER_MIN) {
		memcpy(at + 8, ip->options, ip->options_length);
		memset(at + 8 + ip->options_length, 0, padding);
	}
	put_u16(header + CHECKSUM_AT, checksum_finish(checksum_add(0, header, header_length)));
}

enum rp_verdict ipv4_parse(struct reader *reader, struct rp_ipv4 *ip)
{
	uint8_t first = reader_u8(reader);
	uint32_t source, destination;
	uint16_t fragment;

	*ip = (struct rp_ipv4){.version = first >> 4, .header_length = (uint8_t)((first & 0x0f) * 4)};
	if (!reader->failed && (ip->version != 4 || ip->header_length < IPV4_HEADER_MIN))
		return RP_PACKET_MALFORMED;
	ip->type_of_service = reader_u8(reader);
	ip->total_length = reader_u16(reader);
	ip->identification = reader_u16(reader);
	fragment = reader_u16(reader);
	ip->dont_fragment = fragment & FLAG_DONT_FRAGMENT;
	ip->more_fragments = fragment & FLAG_MORE_FRAGMENTS;
	ip->fragment_offset = (uint16_t)((fragment & FRAGMENT_OFFSET) * 8);
	ip->time_to_live = reader_u8(reader);
	ip->protocol = reader_u8(reader);
	ip->header_checksum = reader_u16(reader);
	source = reader_u32(reader);
	destination = reader_u32(reader);
	if (reader->failed)
		return RP_PACKET_TRUNCATED;
	ip->source = rp_addr_ipv4(source);
	ip->destination = rp_addr_ipv4(destination);
	if (ip->total_length < ip->header_length)
		return RP_PACKET_MALFORMED;
	if (ip->header_length > IPV4_HEADER_MIN) {
		ip->options = reader_take(reader, ip->header_length - IPV4_HEADER_MIN);
		ip->options_length = ip->options ? (uint8_t)(ip->header_length - IPV4_HEADER_MIN) : 0;
	}
	return reader->failed ? RP_PACKET_TRUNCATED : RP_PACKET_OK;
}
