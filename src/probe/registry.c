/* SPDX-License-Identifier: MIT */
/* The probe types, and what they share: nmap's reason for an ICMP error. */
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

void probe_number(const struct probe_type *type, const struct probe_env *env, struct probe *probe)
{
	if (env->port_count > 0)
		probe->source_port = (uint16_t)(env->port_base + (probe->sequence + probe->turn) % env->port_count);
	probe->number = type->number(env, probe);
}

enum rp_reason probe_icmp_reason(const struct rp_icmp *icmp)
{
	const struct icmp_meaning *meaning = icmp_meaning(icmp->type, icmp->code);

	return meaning != NULL ? meaning->reason : RP_REASON_NONE;
}
