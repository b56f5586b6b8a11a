/* SPDX-License-Identifier: MIT */
/*
 * Hides the words. What is printed is what stands in the octets; what is concluded from them is in brackets. A quoted
 * datagram is shown one step deeper below the message that quotes it.
 */
#include "wire/decode.h"

#include <string.h>

#include "base/bytes.h"
#include "base/choice.h"
#include "wire/checksum.h"
#include "wire/dump.h"
#include "wire/ipv4.h"
#include "wire/options.h"

#define NAME_WIDTH 16

struct tree {
	struct strbuf *out;
	int depth;
};

static const struct choice protocols[] = {{"ICMP", 1}, {"IGMP", 2}, {"TCP", 6}, {"UDP", 17}, {"GRE", 47}, {NULL, 0}};

static const struct choice icmp_types[] = {{"echo reply", 0},
					   {"destination unreachable", 3},
					   {"source quench", 4},
					   {"redirect", 5},
					   {"echo request", 8},
					   {"router advertisement", 9},
					   {"time exceeded", 11},
					   {"parameter problem", 12},
					   {"timestamp", 13},
					   {"timestamp reply", 14},
					   {NULL, 0}};

static const struct choice unreachable_codes[] = {{"net unreachable", 0},
						  {"host unreachable", 1},
						  {"protocol unreachable", 2},
						  {"port unreachable", 3},
						  {"fragmentation needed", 4},
						  {"source route failed", 5},
						  {"net unknown", 6},
						  {"host unknown", 7},
						  {"source host isolated", 8},
						  {"net prohibited", 9},
						  {"host prohibited", 10},
						  {"net unreachable for this TOS", 11},
						  {"host unreachable for this TOS", 12},
						  {"administratively prohibited", 13},
						  {"precedence violation", 14},
						  {"precedence cutoff", 15},
						  {NULL, 0}};

static const struct choice ip_options[] = {{"end of list", IPV4_OPTION_END},
					   {"no operation", IPV4_OPTION_NOP},
					   {"record route", IPV4_OPTION_RECORD_ROUTE},
					   {"time stamps", IPV4_OPTION_STAMPS},
					   {"loose source route", IPV4_OPTION_LOOSE_ROUTE},
					   {"strict source route", IPV4_OPTION_STRICT_ROUTE},
					   {"router alert", 148},
					   {NULL, 0}};

static const struct choice ecns[] = {
	{"not ECN-capable", 0}, {"ECT(1)", 1}, {"ECT(0)", 2}, {"congestion", 3}, {NULL, 0}};

static void title(const struct tree *tree, const char *text)
{
	strbuf_add_padded(tree->out, "", (size_t)tree->depth * 2);
	strbuf_add(tree->out, text);
	strbuf_add_char(tree->out, '\n');
}

/* "  name            " */
static void name(const struct tree *tree, const char *text)
{
	strbuf_add_padded(tree->out, "", (size_t)tree->depth * 2 + 2);
	strbuf_add_padded(tree->out, text, NAME_WIDTH);
}

static void number(const struct tree *tree, const char *text, unsigned value)
{
	name(tree, text);
	strbuf_addf(tree->out, "%u\n", value);
}

static void named(const struct tree *tree, const char *text, unsigned value, const struct choice *names)
{
	const char *meaning = choice_name(names, (int)value);

	name(tree, text);
	strbuf_addf(tree->out, strcmp(meaning, "?") == 0 ? "%u\n" : "%u [%s]\n", value, meaning);
}

static void address(const struct tree *tree, const char *text, struct rp_addr value)
{
	char buffer[RP_ADDR_TEXT_SIZE];

	name(tree, text);
	strbuf_addf(tree->out, "%s%s\n", rp_addr_format(value, buffer),
		    rp_addr_ipv4_value(value) == 0 ? " [the kernel fills it in]" : "");
}

/* What stands in front of the pointer is filled in. */
static void route(const struct tree *tree, struct reader body)
{
	unsigned pointer = reader_u8(&body);
	char buffer[RP_ADDR_TEXT_SIZE];

	strbuf_addf(tree->out, ", pointer %u:", pointer);
	while (reader_left(&body) >= 4)
		strbuf_addf(tree->out, " %s", rp_addr_format(rp_addr_ipv4(reader_u32(&body)), buffer));
}

static void add_ip_options(const struct tree *tree, const struct rp_ipv4 *ip)
{
	struct reader reader = reader_of(ip->options, ip->options_length);

	while (reader_left(&reader) > 0) {
		unsigned type = reader_u8(&reader);

		name(tree, "option");
		strbuf_addf(tree->out, "%u [%s]", type, choice_name(ip_options, (int)type));
		if (type == IPV4_OPTION_END || type == IPV4_OPTION_NOP) {
			strbuf_add_char(tree->out, '\n');
			if (type == IPV4_OPTION_END)
				return;
			continue;
		}
		unsigned length = reader_u8(&reader);
		const uint8_t *body = length >= 2 ? reader_take(&reader, length - 2) : NULL;
		strbuf_addf(tree->out, ", length %u", length);
		if (body == NULL && length != 2) {
			strbuf_add(tree->out, " [cut short]\n");
			return;
		}
		if (type == IPV4_OPTION_RECORD_ROUTE || type == IPV4_OPTION_LOOSE_ROUTE ||
		    type == IPV4_OPTION_STRICT_ROUTE)
			route(tree, reader_of(body, length - 2));
		strbuf_add_char(tree->out, '\n');
	}
}

/* The sum over a header that is whole and right is 0. */
static void add_ipv4(const struct tree *tree, const struct rp_ipv4 *ip, const uint8_t *bytes, size_t length)
{
	bool whole = length >= ip->header_length;
	bool good = whole && checksum_finish(checksum_add(0, bytes, ip->header_length)) == 0;

	title(tree, "IPv4");
	number(tree, "version", ip->version);
	name(tree, "header length");
	strbuf_addf(tree->out, "%u [%u octets]\n", ip->header_length / 4u, ip->header_length);
	name(tree, "type of service");
	strbuf_addf(tree->out, "0x%02x [DSCP %u, %s]\n", ip->type_of_service, ip->type_of_service >> 2u,
		    choice_name(ecns, ip->type_of_service & 3));
	number(tree, "total length", ip->total_length);
	name(tree, "identification");
	strbuf_addf(tree->out, "0x%04x\n", ip->identification);
	name(tree, "flags");
	strbuf_addf(tree->out, "%s%s%s\n", ip->dont_fragment ? "don't fragment" : "",
		    ip->dont_fragment && ip->more_fragments ? ", " : "",
		    ip->more_fragments  ? "more fragments"
		    : ip->dont_fragment ? ""
					: "none");
	name(tree, "fragment offset");
	strbuf_addf(tree->out, "%u [%u octets]\n", ip->fragment_offset / 8u, ip->fragment_offset);
	number(tree, "time to live", ip->time_to_live);
	named(tree, "protocol", ip->protocol, protocols);
	name(tree, "checksum");
	strbuf_addf(tree->out, "0x%04x [%s]\n", ip->header_checksum,
		    !whole ? "cannot be judged"
		    : good ? "good"
			   : "does not fit: wrong, or the header was changed on its way in");
	address(tree, "source", ip->source);
	address(tree, "destination", ip->destination);
	add_ip_options(tree, ip);
}

static const char *checksum_word(enum rp_checksum checksum)
{
	switch (checksum) {
	case RP_CHECKSUM_NONE:
		return "cannot be judged";
	case RP_CHECKSUM_GOOD:
		return "good";
	case RP_CHECKSUM_UNFILLED:
		return "left to the device";
	case RP_CHECKSUM_BAD:
		return "wrong";
	}
	return "?";
}

static void add_icmp(const struct tree *tree, const struct rp_icmp *icmp, enum rp_checksum checksum)
{
	static const struct choice none[] = {{NULL, 0}};

	title(tree, "ICMP");
	named(tree, "type", icmp->type, icmp_types);
	named(tree, "code", icmp->code, icmp->type == RP_ICMP_DESTINATION_UNREACHABLE ? unreachable_codes : none);
	name(tree, "checksum");
	strbuf_addf(tree->out, "0x%04x [%s]\n", icmp->checksum, checksum_word(checksum));
	if (icmp->type == RP_ICMP_ECHO || icmp->type == RP_ICMP_ECHO_REPLY) {
		number(tree, "identifier", icmp->identifier);
		number(tree, "sequence", icmp->sequence);
	} else if (icmp->type == RP_ICMP_REDIRECT) {
		address(tree, "gateway", icmp->gateway);
	} else if (icmp->type == RP_ICMP_PARAMETER_PROBLEM) {
		number(tree, "pointer", icmp->pointer);
	} else if (icmp->type == RP_ICMP_DESTINATION_UNREACHABLE && icmp->code == 4) {
		number(tree, "next-hop MTU", icmp->next_hop_mtu);
	}
}

static void add_tcp_flags(const struct tree *tree, unsigned flags)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

	name(tree, "flags");
	strbuf_addf(tree->out, "0x%02x [", flags);
	for (unsigned i = 0, some = 0; i < 8; i++)
		if (flags & 1u << i)
			strbuf_addf(tree->out, "%s%s", some++ ? " " : "", names[i]);
	strbuf_add(tree->out, "]\n");
}

static void add_tcp(const struct tree *tree, const struct rp_tcp *tcp, enum rp_checksum checksum)
{
	title(tree, "TCP");
	number(tree, "source port", tcp->source_port);
	number(tree, "dest. port", tcp->destination_port);
	number(tree, "sequence", tcp->sequence);
	number(tree, "acknowledgment", tcp->acknowledgment);
	name(tree, "header length");
	strbuf_addf(tree->out, "%u [%u octets]\n", tcp->header_length / 4u, tcp->header_length);
	add_tcp_flags(tree, tcp->flags);
	number(tree, "window", tcp->window);
	name(tree, "checksum");
	strbuf_addf(tree->out, "0x%04x [%s]\n", tcp->checksum, checksum_word(checksum));
	number(tree, "urgent pointer", tcp->urgent_pointer);
	if (tcp->has_mss)
		number(tree, "option MSS", tcp->mss);
	if (tcp->has_window_scale)
		number(tree, "option scale", tcp->window_scale);
	if (tcp->sack_permitted)
		number(tree, "option SACK", 1);
	if (tcp->has_timestamps) {
		name(tree, "option stamps");
		strbuf_addf(tree->out, "%u, echo %u\n", tcp->timestamp_value, tcp->timestamp_echo);
	}
}

static void add_data(const struct tree *tree, size_t length)
{
	if (length == 0)
		return;
	name(tree, "data");
	strbuf_addf(tree->out, "%zu octets\n", length);
}

static void add_quote(const struct rp_quote *quote, struct strbuf *out)
{
	struct tree tree = {out, 1};

	title(&tree, "Quoted datagram");
	tree.depth++;
	add_ipv4(&tree, &quote->ip, quote->bytes, quote->length);
	if (quote->ip.fragment_offset == 0 && quote->ip.protocol == RP_PROTOCOL_ICMP)
		add_icmp(&tree, &quote->icmp, RP_CHECKSUM_NONE);
	else if (quote->ip.fragment_offset == 0 && quote->ip.protocol == RP_PROTOCOL_TCP &&
		 quote->tcp.header_length > 0)
		add_tcp(&tree, &quote->tcp, RP_CHECKSUM_NONE);
	else if (quote->ip.protocol == RP_PROTOCOL_TCP) {
		title(&tree, "TCP [cut short]");
		number(&tree, "source port", quote->tcp.source_port);
		number(&tree, "dest. port", quote->tcp.destination_port);
		number(&tree, "sequence", quote->tcp.sequence);
	}
	add_data(&tree, quote->payload_length);
}

void decode_packet(struct strbuf *out, const struct rp_packet *packet)
{
	const struct tree tree = {out, 0};
	bool first = packet->ip.fragment_offset == 0;

	if (packet->verdict == RP_PACKET_MALFORMED || packet->length < IPV4_HEADER_MIN) {
		title(&tree, "No IPv4 packet");
		return;
	}
	add_ipv4(&tree, &packet->ip, packet->bytes, packet->length);
	if (packet->verdict == RP_PACKET_TRUNCATED)
		title(&tree, "[cut short]");
	if (first && packet->ip.protocol == RP_PROTOCOL_ICMP)
		add_icmp(&tree, &packet->icmp, packet->checksum);
	else if (first && packet->ip.protocol == RP_PROTOCOL_TCP)
		add_tcp(&tree, &packet->tcp, packet->checksum);
	if (packet->quote.present)
		add_quote(&packet->quote, out);
	else
		add_data(&tree, packet->payload_length);
}

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

size_t rp_packet_decode(const struct rp_packet *packet, char *text, size_t size)
{
	struct strbuf out;

	strbuf_init(&out);
	decode_packet(&out, packet);
	return hand_over(&out, text, size);
}

size_t rp_packet_dump(const struct rp_packet *packet, char *text, size_t size)
{
	struct strbuf out;

	strbuf_init(&out);
	dump_hex(&out, packet->bytes, packet->length);
	return hand_over(&out, text, size);
}
