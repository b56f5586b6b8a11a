/* SPDX-License-Identifier: MIT */
/* A packet as one line for each layer, and the public functions that decode. */
#include <string.h>

#include "base/bytes.h"
#include "dissect/decode.h"
#include "dissect/dump.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/ipopts.h"
#include "dissect/words.h"

static void add_options(struct strbuf *out, const struct rp_ipv4 *ip)
{
	struct reader reader = reader_of(ip->options, ip->options_length);
	struct option option;

	while (reader_option(&reader, &option)) {
		const char *meaning = words_ip_option(option.type);

		if (option.type == IPV4_OPTION_END || option.type == IPV4_OPTION_NOP)
			continue;
		if (meaning != NULL)
			strbuf_addf(out, ", %s", meaning);
		else
			strbuf_addf(out, ", option %u", option.type);
	}
}

static void brief_ipv4(struct strbuf *out, const struct rp_ipv4 *ip, const char *indent, bool sound)
{
	char from[RP_ADDR_TEXT_SIZE], to[RP_ADDR_TEXT_SIZE], dscp[8];

	words_dscp(ip->type_of_service, dscp);
	strbuf_addf(out, "%sIPv4 %s > %s: ttl %u, tos 0x%02x%s%s%s%s", indent, rp_addr_format(ip->source, from),
		    rp_addr_format(ip->destination, to), ip->time_to_live, ip->type_of_service,
		    dscp[0] != '\0' ? " [" : "", dscp, dscp[0] != '\0' ? "]" : "",
		    (ip->type_of_service & 3) == 3 ? " [congestion]" : "");
	strbuf_addf(out, ", id %u%s%s", ip->identification, ip->dont_fragment ? ", DF" : "",
		    ip->more_fragments ? ", MF" : "");
	if (ip->fragment_offset > 0)
		strbuf_addf(out, ", offset %u", ip->fragment_offset);
	strbuf_addf(out, ", length %u", ip->total_length);
	add_options(out, ip);
	strbuf_add(out, sound ? "\n" : ", checksum bad\n");
}

static void brief_icmp(struct strbuf *out, const struct rp_icmp *icmp, const char *indent, enum rp_checksum verdict,
		       size_t data)
{
	const char *type = words_icmp_type(icmp->type), *code = words_icmp_code(icmp->type, icmp->code);
	char address[RP_ADDR_TEXT_SIZE];

	strbuf_addf(out, type != NULL ? "%sICMP %s" : "%sICMP", indent, type);
	if (type == NULL)
		strbuf_addf(out, " type %u", icmp->type);
	if (code != NULL)
		strbuf_addf(out, ", %s", code);
	else if (icmp->code != 0)
		strbuf_addf(out, ", code %u", icmp->code);
	if (icmp->type == RP_ICMP_ECHO || icmp->type == RP_ICMP_ECHO_REPLY)
		strbuf_addf(out, ": id %u, seq %u, data %zu", icmp->identifier, icmp->sequence, data);
	else if (icmp->type == RP_ICMP_REDIRECT)
		strbuf_addf(out, ": gateway %s", rp_addr_format(icmp->gateway, address));
	else if (icmp->type == RP_ICMP_PARAMETER_PROBLEM)
		strbuf_addf(out, ": pointer %u", icmp->pointer);
	else if (icmp->type == RP_ICMP_DESTINATION_UNREACHABLE && icmp->code == 4)
		strbuf_addf(out, ": mtu %u", icmp->next_hop_mtu);
	strbuf_addf(out, ", checksum %s\n", words_checksum(verdict));
}

static void brief_tcp(struct strbuf *out, const struct rp_tcp *tcp, const char *indent, enum rp_checksum verdict,
		      size_t data)
{
	char flags[40];

	strbuf_addf(out, "%sTCP %u > %u: %s, seq %u", indent, tcp->source_port, tcp->destination_port,
		    words_tcp_flags(tcp->flags, flags), tcp->sequence);
	if (tcp->flags & RP_TCP_ACK)
		strbuf_addf(out, ", ack %u", tcp->acknowledgment);
	strbuf_addf(out, ", window %u", tcp->window);
	if (tcp->has_mss)
		strbuf_addf(out, ", mss %u", tcp->mss);
	if (tcp->sack_permitted)
		strbuf_add(out, ", SACK permitted");
	if (tcp->has_timestamps)
		strbuf_addf(out, ", stamps %u %u", tcp->timestamp_value, tcp->timestamp_echo);
	if (tcp->has_window_scale)
		strbuf_addf(out, ", scale %u", tcp->window_scale);
	strbuf_addf(out, ", data %zu, checksum %s\n", data, words_checksum(verdict));
}

/* Routers change a header on its way, so a wrong sum of a quoted one says nothing: it passes for sound. */
static void brief_quote(struct strbuf *out, const struct rp_quote *quote)
{
	brief_ipv4(out, &quote->ip, "  quotes ", true);
	if (quote->ip.fragment_offset > 0)
		return;
	if (quote->ip.protocol == RP_PROTOCOL_ICMP)
		brief_icmp(out, &quote->icmp, "  quotes ", decode_quote_checksum(quote), quote->payload_length);
	else if (quote->ip.protocol == RP_PROTOCOL_TCP && quote->tcp.header_length > 0)
		brief_tcp(out, &quote->tcp, "  quotes ", decode_quote_checksum(quote), quote->payload_length);
	else if (quote->ip.protocol == RP_PROTOCOL_TCP)
		strbuf_addf(out, "  quotes TCP %u > %u: seq %u [cut short]\n", quote->tcp.source_port,
			    quote->tcp.destination_port, quote->tcp.sequence);
}

void decode_brief(struct strbuf *out, const struct rp_packet *packet)
{
	if (packet->verdict == RP_PACKET_MALFORMED || packet->length < IPV4_HEADER_MIN) {
		strbuf_add(out, "No IPv4 packet\n");
		return;
	}
	brief_ipv4(out, &packet->ip, "", decode_header_sound(&packet->ip, packet->bytes, packet->length));
	if (packet->verdict == RP_PACKET_TRUNCATED)
		strbuf_add(out, "[cut short]\n");
	if (packet->ip.fragment_offset > 0)
		return;
	if (packet->ip.protocol == RP_PROTOCOL_ICMP &&
	    packet->length >= packet->ip.header_length + (size_t)ICMP_HEADER_SIZE)
		brief_icmp(out, &packet->icmp, "", packet->checksum, packet->payload_length);
	else if (packet->ip.protocol == RP_PROTOCOL_TCP && packet->tcp.header_length > 0)
		brief_tcp(out, &packet->tcp, "", packet->checksum, packet->payload_length);
	if (packet->quote.present)
		brief_quote(out, &packet->quote);
}

/* ---- the public door -------------------------------------------------------------------------- */

/* Hands the text over as snprintf() would. */
static size_t hand_over(struct strbuf *out, char *text, size_t size)
{
	size_t length = out->failed ? 0 : out->length;

	if (size > 0) {
		size_t taken = length < size ? length : size - 1;

		if (taken > 0)
			memcpy(text, out->text, taken);
		text[taken] = '\0';
	}
	strbuf_fini(out);
	return length;
}

size_t rp_packet_decode(const struct rp_packet *packet, enum rp_detail detail, char *text, size_t size)
{
	struct strbuf out;

	strbuf_init(&out);
	switch (detail) {
	case RP_DETAIL_BRIEF:
		decode_brief(&out, packet);
		break;
	case RP_DETAIL_FULL:
		decode_full(&out, packet);
		break;
	}
	return hand_over(&out, text, size);
}

size_t rp_packet_compare(const struct rp_packet *answer, const struct rp_packet *probe, char *text, size_t size)
{
	struct strbuf out;

	strbuf_init(&out);
	decode_compare(&out, answer, probe);
	return hand_over(&out, text, size);
}

size_t rp_packet_dump(const struct rp_packet *packet, char *text, size_t size)
{
	struct strbuf out;

	strbuf_init(&out);
	dump_hex(&out, packet->bytes, packet->length);
	return hand_over(&out, text, size);
}
