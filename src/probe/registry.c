/* SPDX-License-Identifier: MIT */
/* The probe types by name. */
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
