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

void probe_number(const struct probe_type *type, const struct probe_env *env, struct probe *probe)
{
	if (env->port_count > 0)
		probe->source_port = (uint16_t)(env->port_base + (probe->sequence + probe->turn) % env->port_count);
	probe->number = type->number(env, probe);
}

enum rp_reason probe_icmp_reason(const struct rp_icmp *icmp)
{
	/* RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1 */
	static const enum rp_reason unreachable[] = {
		RP_REASON_NET_UNREACH,       RP_REASON_HOST_UNREACH,         RP_REASON_PROTO_UNREACH,
		RP_REASON_PORT_UNREACH,      RP_REASON_FRAGMENTATION_NEEDED, RP_REASON_SOURCE_ROUTE_FAILED,
		RP_REASON_NET_UNKNOWN,       RP_REASON_HOST_UNKNOWN,         RP_REASON_SOURCE_ISOLATED,
		RP_REASON_NET_PROHIBITED,    RP_REASON_HOST_PROHIBITED,      RP_REASON_NET_UNREACH_TOS,
		RP_REASON_HOST_UNREACH_TOS,  RP_REASON_ADMIN_PROHIBITED,     RP_REASON_PRECEDENCE_VIOLATION,
		RP_REASON_PRECEDENCE_CUTOFF,
	};

	switch (icmp->type) {
	case RP_ICMP_DESTINATION_UNREACHABLE:
		return icmp->code < sizeof unreachable / sizeof *unreachable ? unreachable[icmp->code]
									     : RP_REASON_DEST_UNREACH;
	case RP_ICMP_TIME_EXCEEDED:
		return RP_REASON_TIME_EXCEEDED;
	case RP_ICMP_PARAMETER_PROBLEM:
		return RP_REASON_PARAM_PROBLEM;
	case RP_ICMP_SOURCE_QUENCH:
		return RP_REASON_SOURCE_QUENCH;
	case RP_ICMP_REDIRECT:
		return RP_REASON_REDIRECT;
	}
	return RP_REASON_NONE;
}
