/* SPDX-License-Identifier: MIT */
/* The probe types, and what they share: nmap's reason for an ICMP error. */
#include "probe/probe.h"

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

enum rp_reason probe_icmp_reason(const struct rp_icmp *icmp)
{
	if (icmp->type == RP_ICMP_TIME_EXCEEDED)
		return RP_REASON_TIME_EXCEEDED;
	if (icmp->type != RP_ICMP_DESTINATION_UNREACHABLE)
		return RP_REASON_NONE;
	switch (icmp->code) { /* RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1 */
	case 0:
		return RP_REASON_NET_UNREACH;
	case 1:
		return RP_REASON_HOST_UNREACH;
	case 2:
		return RP_REASON_PROTO_UNREACH;
	case 3:
		return RP_REASON_PORT_UNREACH;
	case 9:
		return RP_REASON_NET_PROHIBITED;
	case 10:
		return RP_REASON_HOST_PROHIBITED;
	case 13:
		return RP_REASON_ADMIN_PROHIBITED;
	}
	return RP_REASON_DEST_UNREACH;
}
