/* SPDX-License-Identifier: MIT */
/* What probe types share: how an ICMP error is read, and nmap's reason for it. */
#include "probe/probe.h"
#include "wire/icmp.h"

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
