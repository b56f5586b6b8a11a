/* SPDX-License-Identifier: MIT */
/* The layout of the ICMP header; the second half of it depends on the type. */
#include "wire/checksum.h"
#include "wire/icmp.h"

#define CHECKSUM_AT               2
#define CODE_FRAGMENTATION_NEEDED 4

void icmp_put_echo(struct writer *writer, const struct rp_icmp *icmp, const void *payload, size_t length)
{
	uint8_t *header = writer_take(writer, ICMP_HEADER_SIZE);

	writer_bytes(writer, payload, length);
	if (writer->failed)
		return;
	uint8_t *at = put_u8(header, RP_ICMP_ECHO);
	at = put_u8(at, 0);
	at = put_u16(at, 0);
	at = put_u16(at, icmp->identifier);
	put_u16(at, icmp->sequence);
	put_u16(header + CHECKSUM_AT, checksum_finish(checksum_add(0, header, ICMP_HEADER_SIZE + length)));
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

/* RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1 */
const struct icmp_meaning *icmp_meaning(unsigned type, unsigned code)
{
	static const struct icmp_meaning meanings[] = {
		{RP_ICMP_DESTINATION_UNREACHABLE, 0, RP_REASON_NET_UNREACH, "net unreachable",
		 "Destination Net Unreachable"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 1, RP_REASON_HOST_UNREACH, "host unreachable",
		 "Destination Host Unreachable"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 2, RP_REASON_PROTO_UNREACH, "protocol unreachable",
		 "Destination Protocol Unreachable"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 3, RP_REASON_PORT_UNREACH, "port unreachable",
		 "Destination Port Unreachable"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 4, RP_REASON_FRAGMENTATION_NEEDED, "fragmentation needed",
		 "Frag needed and DF set"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 5, RP_REASON_SOURCE_ROUTE_FAILED, "source route failed",
		 "Source Route Failed"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 6, RP_REASON_NET_UNKNOWN, "net unknown", "Destination Net Unknown"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 7, RP_REASON_HOST_UNKNOWN, "host unknown",
		 "Destination Host Unknown"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 8, RP_REASON_SOURCE_ISOLATED, "source host isolated",
		 "Source Host Isolated"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 9, RP_REASON_NET_PROHIBITED, "net prohibited",
		 "Destination Net Prohibited"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 10, RP_REASON_HOST_PROHIBITED, "host prohibited",
		 "Destination Host Prohibited"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 11, RP_REASON_NET_UNREACH_TOS, "net unreachable for this TOS",
		 "Destination Net Unreachable for Type of Service"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 12, RP_REASON_HOST_UNREACH_TOS, "host unreachable for this TOS",
		 "Destination Host Unreachable for Type of Service"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 13, RP_REASON_ADMIN_PROHIBITED, "administratively prohibited",
		 "Packet filtered"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 14, RP_REASON_PRECEDENCE_VIOLATION, "precedence violation",
		 "Precedence Violation"},
		{RP_ICMP_DESTINATION_UNREACHABLE, 15, RP_REASON_PRECEDENCE_CUTOFF, "precedence cutoff",
		 "Precedence Cutoff"},
		{RP_ICMP_DESTINATION_UNREACHABLE, ICMP_CODE_ANY, RP_REASON_DEST_UNREACH, NULL,
		 "Dest Unreachable, Bad Code"},
		{RP_ICMP_SOURCE_QUENCH, ICMP_CODE_ANY, RP_REASON_SOURCE_QUENCH, NULL, "Source Quench"},
		{RP_ICMP_REDIRECT, 0, RP_REASON_REDIRECT, "for the net", "Redirect Network"},
		{RP_ICMP_REDIRECT, 1, RP_REASON_REDIRECT, "for the host", "Redirect Host"},
		{RP_ICMP_REDIRECT, 2, RP_REASON_REDIRECT, "for net and TOS", "Redirect Type of Service and Network"},
		{RP_ICMP_REDIRECT, 3, RP_REASON_REDIRECT, "for host and TOS", "Redirect Type of Service and Host"},
		{RP_ICMP_REDIRECT, ICMP_CODE_ANY, RP_REASON_REDIRECT, NULL, "Redirect, Bad Code"},
		{RP_ICMP_TIME_EXCEEDED, 0, RP_REASON_TIME_EXCEEDED, "in transit", "Time to live exceeded"},
		{RP_ICMP_TIME_EXCEEDED, 1, RP_REASON_TIME_EXCEEDED, "reassembly", "Frag reassembly time exceeded"},
		{RP_ICMP_TIME_EXCEEDED, ICMP_CODE_ANY, RP_REASON_TIME_EXCEEDED, NULL, "Time exceeded, Bad Code"},
		{RP_ICMP_PARAMETER_PROBLEM, 0, RP_REASON_PARAM_PROBLEM, "the pointer tells where", "Parameter problem"},
		{RP_ICMP_PARAMETER_PROBLEM, 1, RP_REASON_PARAM_PROBLEM, "an option is missing", "Parameter problem"},
		{RP_ICMP_PARAMETER_PROBLEM, 2, RP_REASON_PARAM_PROBLEM, "bad length", "Parameter problem"},
		{RP_ICMP_PARAMETER_PROBLEM, ICMP_CODE_ANY, RP_REASON_PARAM_PROBLEM, NULL, "Parameter problem"},
	};

	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].type == type && (meanings[i].code == code || meanings[i].code == ICMP_CODE_ANY))
			return &meanings[i];
	return NULL;
}

bool icmp_is_advice(const struct rp_icmp *icmp)
{
	return icmp->type == RP_ICMP_REDIRECT || icmp->type == RP_ICMP_SOURCE_QUENCH;
}

bool icmp_is_error(const struct rp_icmp *icmp)
{
	/* Every reply is asked this: the table is not searched for it. */
	return icmp->type != RP_ICMP_ECHO_REPLY && icmp_meaning(icmp->type, icmp->code) != NULL;
}
