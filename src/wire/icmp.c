/* SPDX-License-Identifier: MIT */
/* The layout of the ICMP header; the second half of it depends on the type. */
#include "wire/checksum.h"
#include "wire/icmp.h"

#define CHECKSUM_AT               2
#define CODE_FRAGMENTATION_NEEDED 4

void icmp_put_echo(struct writer *writer, const struct rp_icmp *icmp, const void *payload, size_t length)
{
	uint8_t *header = writer->at;
	struct writer field;

	writer_u8(writer, RP_ICMP_ECHO);
	writer_u8(writer, 0);
	writer_u16(writer, 0);
	writer_u16(writer, icmp->identifier);
	writer_u16(writer, icmp->sequence);
	writer_bytes(writer, payload, length);
	if (writer->failed)
		return;
	field = writer_of(header + CHECKSUM_AT, 2);
	writer_u16(&field, checksum_finish(checksum_add(0, header, ICMP_HEADER_SIZE + length)));
}

enum rp_verdict icmp_parse(struct reader *reader, struct rp_icmp *icmp)
{
	uint32_t rest;

	*icmp = (struct rp_icmp){0};
	icmp->type = reader_u8(reader);
	icmp->code = reader_u8(reader);
	icmp->checksum = reader_u16(reader);
	rest = reader_u32(reader);
	if (reader->failed)
		return RP_PACKET_TRUNCATED;
	switch (icmp->type) {
	case RP_ICMP_ECHO:
	case RP_ICMP_ECHO_REPLY:
		icmp->identifier = (uint16_t)(rest >> 16);
		icmp->sequence = (uint16_t)rest;
		break;
	case RP_ICMP_DESTINATION_UNREACHABLE:
		if (icmp->code == CODE_FRAGMENTATION_NEEDED)
			icmp->next_hop_mtu = (uint16_t)rest;
		break;
	case RP_ICMP_REDIRECT:
		icmp->gateway = rp_addr_ipv4(rest);
		break;
	case RP_ICMP_PARAMETER_PROBLEM:
		icmp->pointer = (uint8_t)(rest >> 24);
		break;
	}
	return RP_PACKET_OK;
}

bool icmp_is_advice(const struct rp_icmp *icmp)
{
	return icmp->type == RP_ICMP_REDIRECT || icmp->type == RP_ICMP_SOURCE_QUENCH;
}

bool icmp_is_error(const struct rp_icmp *icmp)
{
	return icmp->type == RP_ICMP_DESTINATION_UNREACHABLE || icmp->type == RP_ICMP_SOURCE_QUENCH ||
	       icmp->type == RP_ICMP_REDIRECT || icmp->type == RP_ICMP_TIME_EXCEEDED ||
	       icmp->type == RP_ICMP_PARAMETER_PROBLEM;
}
