/* SPDX-License-Identifier: MIT */
/*
 * What went wrong with a probe, in words: ICMP errors exactly as iputils says them, because programs look
 * for these sentences, and refusals of this host's own kernel, which iputils passes over in silence.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "out/out.h"
#include "wire/icmp.h"

void out_icmp_text(struct strbuf *text, const struct rp_packet *packet)
{
	const struct rp_icmp *icmp = &packet->icmp;
	const struct icmp_meaning *meaning = icmp_meaning(icmp->type, icmp->code);
	char address[RP_ADDR_TEXT_SIZE];

	if (meaning == NULL) {
		strbuf_addf(text, "Bad ICMP type: %u", icmp->type);
		return;
	}
	strbuf_add(text, meaning->sentence);
	if (icmp->type == RP_ICMP_PARAMETER_PROBLEM)
		strbuf_addf(text, ": pointer = %u", icmp->pointer);
	else if (meaning->code == ICMP_CODE_ANY && icmp->type != RP_ICMP_SOURCE_QUENCH)
		strbuf_addf(text, ": %u", icmp->code);
	if (meaning->reason == RP_REASON_FRAGMENTATION_NEEDED)
		strbuf_addf(text, " (mtu = %u)", icmp->next_hop_mtu);
	if (icmp->type == RP_ICMP_REDIRECT)
		strbuf_addf(text, "(New nexthop: %s)", rp_addr_format(icmp->gateway, address));
}

/* IPv4 and ICMP, and the most that IPv4 options take. */
#define HEADERS      (20 + 8)
#define OPTIONS_MOST 40

/* iputils' words first: programs look for them. */
static void too_long(struct strbuf *text, const struct rp_event *event, const struct rp_config *config)
{
	uint32_t headers = HEADERS + (config->ip_option != RP_IP_OPTION_NONE ? OPTIONS_MOST : 0);

	strbuf_add(text, "local error: message too long");
	if (event->mtu)
		strbuf_addf(text, ", mtu=%" PRIu32, event->mtu);
	if (event->mtu >= headers && event->port == 0)
		strbuf_addf(text, " (a payload of %" PRIu32 " fits)", event->mtu - headers);
}

/* In the order of errno.h. */
static const char *refusal(int error, const struct rp_config *config)
{
	static const struct {
		int error;
		const char *sentence;
	} refusals[] = {
		{EPERM, "the local firewall dropped the probe"},
		{ENXIO, "the network interface is gone"},
		{EACCES, "it is a broadcast address, or a route prohibits it"},
		{ENODEV, "the network interface is gone"},
		{EINVAL, "the kernel does not accept the packet, or a route discards it"},
		{EDESTADDRREQ, "the address of that name is not known yet"},
		{EADDRNOTAVAIL, "the source address is no address of this host any more"},
		{ENETDOWN, "the network interface is down"},
		{ENETUNREACH, "no route to the network, or the link is down"},
		{ENOBUFS, "the queue of the network interface is full"},
		{EHOSTUNREACH, "no route to the host"},
	};

	if (error == ENETUNREACH && config->direct)
		return "no attached network has that address, or its link is down";
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (refusals[i].error == error)
			return refusals[i].sentence;
	return strerror(error);
}

void out_unsent_text(struct strbuf *text, const struct rp_event *event, const struct rp_config *config)
{
	char address[RP_ADDR_TEXT_SIZE];

	if (event->address.family != RP_FAMILY_NONE)
		strbuf_add(text, rp_addr_format(event->address, address));
	else
		strbuf_add_escaped(text, rp_targets_at(config->targets, event->target).name);
	if (event->port > 0)
		strbuf_addf(text, ":%u", event->port);
	if (event->sequence)
		strbuf_addf(text, ": probe %" PRIu64 " was not sent: ", event->sequence);
	else
		strbuf_add(text, ": the probe was not sent: ");

	if (event->error == EMSGSIZE)
		too_long(text, event, config);
	else
		strbuf_add(text, refusal(event->error, config));
}
