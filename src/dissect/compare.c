/* SPDX-License-Identifier: MIT */
/* Compares an answer with its probe: fields that any path changes (TTL, checksum, what the kernel fills in) are left
 * out. */
#include <stdio.h>
#include <string.h>

#include "dissect/decode.h"

struct changes {
	struct strbuf *out;
	unsigned count;
};

static void changed(struct changes *changes, const char *name, const char *was, const char *is)
{
	strbuf_addf(changes->out, "%s%s %s to %s", changes->count++ == 0 ? "[changed on the way: " : ", ", name, was,
		    is);
}

static void changed_number(struct changes *changes, const char *name, uint32_t was, uint32_t is)
{
	char before[12], now[12];

	if (was == is)
		return;
	snprintf(before, sizeof before, "%u", was);
	snprintf(now, sizeof now, "%u", is);
	changed(changes, name, before, now);
}

/* An address of 0 is the kernel's to fill in. */
static void changed_address(struct changes *changes, const char *name, struct rp_addr was, struct rp_addr is)
{
	char before[RP_ADDR_TEXT_SIZE], now[RP_ADDR_TEXT_SIZE];

	if (rp_addr_ipv4_value(was) != 0 && !rp_addr_equal(was, is))
		changed(changes, name, rp_addr_format(was, before), rp_addr_format(is, now));
}

static void changed_ipv4(struct changes *changes, const struct rp_ipv4 *was, const struct rp_ipv4 *is)
{
	char before[8], now[8];

	if (was->type_of_service != is->type_of_service) {
		snprintf(before, sizeof before, "0x%02x", was->type_of_service);
		snprintf(now, sizeof now, "0x%02x", is->type_of_service);
		changed(changes, "type of service", before, now);
	}
	if (was->dont_fragment != is->dont_fragment)
		changed(changes, "don't fragment", was->dont_fragment ? "set" : "unset",
			is->dont_fragment ? "set" : "unset");
	if (!is->more_fragments && is->fragment_offset == 0)
		changed_number(changes, "total length", was->total_length, is->total_length);
	changed_address(changes, "source", was->source, is->source);
	if (was->options_length == 0) /* a source route moves it */
		changed_address(changes, "destination", was->destination, is->destination);
}

static void changed_transport(struct changes *changes, const struct rp_packet *probe, const struct rp_quote *quote)
{
	const struct rp_tcp *tcp = &probe->tcp;

	if (quote->ip.fragment_offset > 0)
		return;
	if (probe->ip.protocol == RP_PROTOCOL_ICMP) {
		changed_number(changes, "identifier", probe->icmp.identifier, quote->icmp.identifier);
		changed_number(changes, "sequence", probe->icmp.sequence, quote->icmp.sequence);
		changed_number(changes, "ICMP checksum", probe->icmp.checksum, quote->icmp.checksum);
	} else {
		changed_number(changes, "source port", tcp->source_port, quote->tcp.source_port);
		changed_number(changes, "destination port", tcp->destination_port, quote->tcp.destination_port);
		changed_number(changes, "sequence", tcp->sequence, quote->tcp.sequence);
	}
	if (probe->ip.protocol == RP_PROTOCOL_TCP && quote->tcp.header_length > 0) {
		changed_number(changes, "window", tcp->window, quote->tcp.window);
		changed_number(changes, "MSS", tcp->mss, quote->tcp.mss);
		changed_number(changes, "options", tcp->options_length, quote->tcp.options_length);
	}
	size_t length = quote->payload_length < probe->payload_length ? quote->payload_length : probe->payload_length;
	for (size_t i = 0; i < length; i++)
		if (quote->payload[i] != probe->payload[i]) {
			strbuf_addf(changes->out, "%sdata from byte %zu on",
				    changes->count++ == 0 ? "[changed on the way: " : ", ", i);
			return;
		}
}

/* Each router that passes a packet on takes one off. */
static void compare_quote(struct strbuf *out, const struct rp_packet *answer, const struct rp_packet *probe)
{
	const struct rp_quote *quote = &answer->quote;
	struct changes changes = {out, 0};
	unsigned sent = probe->ip.time_to_live, left = quote->ip.time_to_live;

	if (answer->header_made)
		strbuf_add(out, "[the quoted IP header is not known]\n");
	else if (left <= sent)
		strbuf_addf(out, "[time to live %u as sent, %u in the quote: %u router%s passed it on]\n", sent, left,
			    sent - left, sent - left == 1 ? "" : "s");
	else
		strbuf_addf(out, "[time to live %u as sent, %u in the quote: set anew on the way]\n", sent, left);
	if (!answer->header_made)
		changed_ipv4(&changes, &probe->ip, &quote->ip);
	changed_transport(&changes, probe, quote);
	if (changes.count > 0)
		strbuf_add(out, "]\n");
	else
		strbuf_addf(out, "[otherwise as sent: %zu of %zu bytes are quoted]\n", quote->length, probe->length);
}

/* Most systems begin with 32, 64, 128 or 255. */
static void compare_hops(struct strbuf *out, unsigned time_to_live)
{
	static const unsigned beginnings[] = {32, 64, 128, 255};
	size_t i = 0;

	while (beginnings[i] < time_to_live)
		i++;
	strbuf_addf(out, "[time to live %u: %u router%s back, if it began as %u]\n", time_to_live,
		    beginnings[i] - time_to_live, beginnings[i] - time_to_live == 1 ? "" : "s", beginnings[i]);
}

static void compare_tcp(struct strbuf *out, const struct rp_tcp *answer, const struct rp_tcp *probe)
{
	uint32_t beyond = answer->acknowledgment - probe->sequence;

	if (!(answer->flags & RP_TCP_ACK))
		strbuf_add(out, "[acknowledges nothing]\n");
	else if (beyond == 1)
		strbuf_addf(out, "[acknowledges the SYN: %u + 1]\n", probe->sequence);
	else
		strbuf_addf(out, "[acknowledges %u: the SYN was %u]\n", answer->acknowledgment, probe->sequence);
}

static void compare_data(struct strbuf *out, const struct rp_packet *answer, const struct rp_packet *probe)
{
	size_t both = answer->payload_length < probe->payload_length ? answer->payload_length : probe->payload_length;

	for (size_t i = 0; i < both; i++)
		if (answer->payload[i] != probe->payload[i]) {
			strbuf_addf(out, "[data differs from byte %zu on]\n", i);
			return;
		}
	if (answer->payload_length == probe->payload_length)
		strbuf_add(out, "[data as sent]\n");
	else
		strbuf_addf(out, "[data as sent, but %zu bytes of %zu]\n", answer->payload_length,
			    probe->payload_length);
}

void decode_compare(struct strbuf *out, const struct rp_packet *answer, const struct rp_packet *probe)
{
	if (answer->quote.present) {
		compare_quote(out, answer, probe);
		return;
	}
	compare_hops(out, answer->ip.time_to_live);
	if (answer->ip.protocol == RP_PROTOCOL_TCP && probe->ip.protocol == RP_PROTOCOL_TCP)
		compare_tcp(out, &answer->tcp, &probe->tcp);
	else if (answer->ip.protocol == RP_PROTOCOL_ICMP && probe->ip.protocol == RP_PROTOCOL_ICMP)
		compare_data(out, answer, probe);
}
