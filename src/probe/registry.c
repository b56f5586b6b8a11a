/* SPDX-License-Identifier: MIT */
/* The probe types, and what they share: how an ICMP error is read, and nmap's reason for it. */
#include "probe/probe.h"
#include "wire/icmp.h"

const struct probe_type *probe_type_of(enum rp_probe_type type)
{
	switch (type) {
	case RP_PROBE_ICMP_ECHO:
		return &probe_icmp_echo;
	case RP_PROBE_TCP_SYN:
		return &probe_tcp_syn;
	}
	return NULL;
}

void match_doubt(struct match *match, enum rp_suspicion suspicion)
{
	match->kind = MATCH_SUSPECT;
	match->suspicion = suspicion;
}

void match_error(struct match *match, const struct rp_packet *packet)
{
	match->kind = MATCH_ERROR;
	match->destination = packet->quote.ip.destination;
	match->reason = probe_icmp_reason(&packet->icmp);
	if (!rp_addr_equal(packet->quote.ip.source, packet->ip.destination))
		match->remarks = RP_REMARK_UNTRANSLATED;
	if (packet->verdict == RP_PACKET_TRUNCATED)
		match_doubt(match, RP_SUSPECT_TRUNCATED);
	else if (packet->checksum != RP_CHECKSUM_GOOD)
		match_doubt(match, RP_SUSPECT_CHECKSUM);
}

enum rp_reason probe_icmp_reason(const struct rp_icmp *icmp)
{
	const struct icmp_meaning *meaning = icmp_meaning(icmp->type, icmp->code);

	return meaning != NULL ? meaning->reason : RP_REASON_NONE;
}
