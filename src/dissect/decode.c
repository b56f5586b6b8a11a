/* SPDX-License-Identifier: MIT */
/* A packet as a tree: each field on a line of its own, with its offset. */
#include "dissect/decode.h"

#include <string.h>

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/ipopts.h"
#include "wire/tcp.h"
#include "dissect/words.h"

#define NAME_WIDTH 16

struct tree {
	struct strbuf *out;
	const uint8_t *start; /* of the packet: offset 0 */
	const uint8_t *at;    /* of the header whose fields are printed */
	int depth;
};

/* "Title, bytes 0x0000 to 0x0013" */
static void title(const struct tree *tree, const char *text, size_t length)
{
	size_t first = (size_t)(tree->at - tree->start);

	strbuf_add_padded(tree->out, "", (size_t)tree->depth * 2);
	strbuf_add(tree->out, text);
	if (length > 0)
		strbuf_addf(tree->out, ", bytes 0x%04zx to 0x%04zx", first, first + length - 1);
	strbuf_add_char(tree->out, '\n');
}

/* "  0x0008 time to live    " */
static void field(const struct tree *tree, size_t offset, const char *name)
{
	strbuf_add_padded(tree->out, "", (size_t)tree->depth * 2 + 2);
	strbuf_addf(tree->out, "0x%04zx ", (size_t)(tree->at - tree->start) + offset);
	strbuf_add_padded(tree->out, name, NAME_WIDTH);
}

static void number(const struct tree *tree, size_t offset, const char *name, unsigned value)
{
	field(tree, offset, name);
	strbuf_addf(tree->out, "%u\n", value);
}

static void named(const struct tree *tree, size_t offset, const char *name, unsigned value, const char *meaning)
{
	field(tree, offset, name);
	strbuf_addf(tree->out, "%u", value);
	if (meaning != NULL)
		strbuf_addf(tree->out, " [%s]", meaning);
	strbuf_add_char(tree->out, '\n');
}

static void address(const struct tree *tree, size_t offset, const char *name, struct rp_addr value)
{
	char buffer[RP_ADDR_TEXT_SIZE];

	field(tree, offset, name);
	strbuf_addf(tree->out, "%s%s\n", rp_addr_format(value, buffer),
		    rp_addr_ipv4_value(value) == 0 ? " [the kernel fills it in]" : "");
}

static void checksum(const struct tree *tree, size_t offset, uint16_t value, const char *verdict)
{
	field(tree, offset, "checksum");
	strbuf_addf(tree->out, "0x%04x [%s]\n", value, verdict);
}

/* ---- IPv4 ------------------------------------------------------------------------------------- */

/* The slots before the pointer are filled in. */
static void add_route(const struct tree *tree, struct reader body)
{
	unsigned pointer = reader_u8(&body), at = 4;
	char buffer[RP_ADDR_TEXT_SIZE];

	strbuf_addf(tree->out, ", pointer %u:", pointer);
	for (; reader_left(&body) >= 4; at += 4)
		strbuf_addf(tree->out, "%s %s", at == pointer ? " |" : "",
			    rp_addr_format(rp_addr_ipv4(reader_u32(&body)), buffer));
	if (pointer >= at)
		strbuf_add(tree->out, " [full]");
}

static void add_stamps(const struct tree *tree, struct reader body)
{
	unsigned pointer = reader_u8(&body), flags = reader_u8(&body);
	char buffer[RP_ADDR_TEXT_SIZE];

	strbuf_addf(tree->out, ", pointer %u, flag %u, overflow %u:", pointer, flags & 15, flags >> 4);
	while (reader_left(&body) >= ((flags & 15) != 0 ? 8u : 4u)) {
		if ((flags & 15) != 0)
			strbuf_addf(tree->out, " %s", rp_addr_format(rp_addr_ipv4(reader_u32(&body)), buffer));
		strbuf_addf(tree->out, " %u ms", reader_u32(&body));
	}
}

static void add_ip_option(const struct tree *tree, const struct option *option)
{
	strbuf_addf(tree->out, ", length %u", option->length);
	if (option->type == IPV4_OPTION_RECORD_ROUTE || option->type == IPV4_OPTION_LOOSE_ROUTE ||
	    option->type == IPV4_OPTION_STRICT_ROUTE)
		add_route(tree, option->body);
	else if (option->type == IPV4_OPTION_STAMPS)
		add_stamps(tree, option->body);
}

/* A line for each, by the type's word and what prints the rest of one that has a length. */
static void add_options(const struct tree *tree, struct reader reader, const char *(*word)(unsigned type),
			void (*add)(const struct tree *tree, const struct option *option))
{
	struct option option;

	while (reader_option(&reader, &option)) {
		const char *meaning = word(option.type);

		field(tree, (size_t)(option.bytes - tree->at), "option");
		strbuf_addf(tree->out, meaning != NULL ? "%u [%s]" : "%u", option.type, meaning);
		if (option.cut)
			strbuf_addf(tree->out, ", length %u [cut short]", option.length);
		else if (option.length > 0)
			add(tree, &option);
		strbuf_add_char(tree->out, '\n');
	}
}

/* The sum over a header that is whole and right is 0. */
bool decode_header_sound(const struct rp_ipv4 *ip, const uint8_t *bytes, size_t length)
{
	return length >= ip->header_length && checksum_finish(checksum_add(0, bytes, ip->header_length)) == 0;
}

static void add_ipv4(const struct tree *tree, const struct rp_ipv4 *ip, size_t length)
{
	char dscp[8];

	title(tree, "IPv4", ip->header_length);
	number(tree, 0, "version", ip->version);
	field(tree, 0, "header length");
	strbuf_addf(tree->out, "%u [%u bytes]\n", ip->header_length / 4u, ip->header_length);
	field(tree, 1, "type of service");
	words_dscp(ip->type_of_service, dscp);
	strbuf_addf(tree->out, "0x%02x [DSCP %u%s%s, %s]\n", ip->type_of_service, ip->type_of_service >> 2u,
		    dscp[0] != '\0' ? " " : "", dscp, words_ecn(ip->type_of_service));
	number(tree, 2, "total length", ip->total_length);
	field(tree, 4, "identification");
	strbuf_addf(tree->out, "0x%04x\n", ip->identification);
	field(tree, 6, "flags");
	strbuf_addf(tree->out, "%s%s%s\n", ip->dont_fragment ? "don't fragment" : "",
		    ip->dont_fragment && ip->more_fragments ? ", " : "",
		    ip->more_fragments  ? "more fragments"
		    : ip->dont_fragment ? ""
					: "none");
	field(tree, 6, "fragment offset");
	strbuf_addf(tree->out, "%u [%u bytes]\n", ip->fragment_offset / 8u, ip->fragment_offset);
	number(tree, 8, "time to live", ip->time_to_live);
	named(tree, 9, "protocol", ip->protocol, words_protocol(ip->protocol));
	checksum(tree, 10, ip->header_checksum,
		 length < ip->header_length                  ? "cannot be judged"
		 : decode_header_sound(ip, tree->at, length) ? "good"
							     : "bad, or the header was changed on its way in");
	address(tree, 12, "source", ip->source);
	address(tree, 16, "destination", ip->destination);
	add_options(tree, reader_of(ip->options, ip->options_length), words_ip_option, add_ip_option);
}

/* ---- ICMP ------------------------------------------------------------------------------------- */

static void add_icmp(const struct tree *tree, const struct rp_icmp *icmp, enum rp_checksum verdict)
{
	struct reader rest = reader_of(tree->at + 4, 4);

	title(tree, "ICMP", ICMP_HEADER_SIZE);
	named(tree, 0, "type", icmp->type, words_icmp_type(icmp->type));
	named(tree, 1, "code", icmp->code, words_icmp_code(icmp->type, icmp->code));
	checksum(tree, 2, icmp->checksum, words_checksum(verdict));
	if (icmp->type == RP_ICMP_ECHO || icmp->type == RP_ICMP_ECHO_REPLY) {
		number(tree, 4, "identifier", icmp->identifier);
		number(tree, 6, "sequence", icmp->sequence);
	} else if (icmp->type == RP_ICMP_REDIRECT) {
		address(tree, 4, "gateway", icmp->gateway);
	} else if (icmp->type == RP_ICMP_PARAMETER_PROBLEM) {
		number(tree, 4, "pointer", icmp->pointer);
	} else if (icmp->type == RP_ICMP_DESTINATION_UNREACHABLE && icmp->code == 4) {
		number(tree, 6, "next-hop MTU", icmp->next_hop_mtu);
	} else {
		field(tree, 4, icmp_is_error(icmp) ? "unused" : "rest");
		strbuf_addf(tree->out, "0x%08x\n", reader_u32(&rest));
	}
}

/* ---- TCP -------------------------------------------------------------------------------------- */

static void add_tcp_option(const struct tree *tree, const struct option *option)
{
	struct reader value = option->body;
	size_t length = reader_left(&value);

	if (option->type == 2 && length == 2) {
		strbuf_addf(tree->out, " %u", reader_u16(&value));
	} else if (option->type == 3 && length == 1) {
		unsigned scale = reader_u8(&value);
		strbuf_addf(tree->out, scale < 15 ? " %u [windows behind the handshake times %u]" : " %u", scale,
			    1u << (scale & 15));
	} else if (option->type == 8 && length == 8) {
		uint32_t stamp = reader_u32(&value);
		strbuf_addf(tree->out, " %u, echo %u", stamp, reader_u32(&value));
	} else if (length > 0) {
		strbuf_addf(tree->out, " %zu bytes", length);
	}
}

static void add_tcp(const struct tree *tree, const struct rp_tcp *tcp, enum rp_checksum verdict)
{
	char flags[40];

	title(tree, "TCP", tcp->header_length);
	number(tree, 0, "source port", tcp->source_port);
	number(tree, 2, "dest. port", tcp->destination_port);
	number(tree, 4, "sequence", tcp->sequence);
	number(tree, 8, "acknowledgment", tcp->acknowledgment);
	field(tree, 12, "header length");
	strbuf_addf(tree->out, "%u [%u bytes]\n", tcp->header_length / 4u, tcp->header_length);
	field(tree, 13, "flags");
	strbuf_addf(tree->out, "0x%02x [%s]\n", tcp->flags, words_tcp_flags(tcp->flags, flags));
	number(tree, 14, "window", tcp->window);
	checksum(tree, 16, tcp->checksum, words_checksum(verdict));
	number(tree, 18, "urgent pointer", tcp->urgent_pointer);
	add_options(tree, reader_of(tcp->options, tcp->options_length), words_tcp_option, add_tcp_option);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static void add_data(struct tree tree, const uint8_t *data, size_t length)
{
	tree.at = data;
	if (length > 0)
		title(&tree, "Data", length);
}

enum rp_checksum decode_quote_checksum(const struct rp_quote *quote)
{
	size_t header = quote->ip.header_length;
	uint32_t sum = 0;

	if (quote->length < quote->ip.total_length || quote->ip.more_fragments || quote->ip.fragment_offset > 0)
		return RP_CHECKSUM_NONE;
	if (quote->ip.protocol == RP_PROTOCOL_TCP)
		sum = checksum_pseudo(quote->ip.source, quote->ip.destination, RP_PROTOCOL_TCP, quote->length - header);
	sum = checksum_add(sum, quote->bytes + header, quote->length - header);
	return checksum_finish(sum) == 0 ? RP_CHECKSUM_GOOD : RP_CHECKSUM_BAD;
}

/* What fits into the 8 bytes that every error quotes. */
static void add_tcp_beginning(const struct tree *tree, const struct rp_tcp *tcp)
{
	title(tree, "TCP [cut short]", 8);
	number(tree, 0, "source port", tcp->source_port);
	number(tree, 2, "dest. port", tcp->destination_port);
	number(tree, 4, "sequence", tcp->sequence);
}

static void add_quote(struct tree tree, const struct rp_quote *quote)
{
	bool first = quote->ip.fragment_offset == 0;

	tree.depth++;
	tree.at = quote->bytes;
	title(&tree, "Quoted datagram", quote->length);
	tree.depth++;
	add_ipv4(&tree, &quote->ip, quote->length);
	tree.at += quote->ip.header_length;
	if (first && quote->ip.protocol == RP_PROTOCOL_ICMP)
		add_icmp(&tree, &quote->icmp, decode_quote_checksum(quote));
	else if (first && quote->ip.protocol == RP_PROTOCOL_TCP && quote->tcp.header_length > 0)
		add_tcp(&tree, &quote->tcp, decode_quote_checksum(quote));
	else if (first && quote->ip.protocol == RP_PROTOCOL_TCP)
		add_tcp_beginning(&tree, &quote->tcp);
	add_data(tree, quote->payload, quote->payload_length);
}

void decode_full(struct strbuf *out, const struct rp_packet *packet)
{
	struct tree tree = {out, packet->bytes, packet->bytes, 0};
	bool first = packet->ip.fragment_offset == 0;

	if (packet->verdict == RP_PACKET_MALFORMED || packet->length < IPV4_HEADER_MIN ||
	    packet->length < packet->ip.header_length) {
		title(&tree, "No IPv4 packet", 0);
		return;
	}
	add_ipv4(&tree, &packet->ip, packet->length);
	if (packet->verdict == RP_PACKET_TRUNCATED)
		title(&tree, "[cut short]", 0);
	tree.at += packet->ip.header_length;
	if (first && packet->ip.protocol == RP_PROTOCOL_ICMP && packet->length - packet->ip.header_length >= 8)
		add_icmp(&tree, &packet->icmp, packet->checksum);
	else if (first && packet->ip.protocol == RP_PROTOCOL_TCP && packet->tcp.header_length > 0)
		add_tcp(&tree, &packet->tcp, packet->checksum);
	if (packet->quote.present)
		add_quote(tree, &packet->quote);
	else
		add_data(tree, packet->payload, packet->payload_length);
}
