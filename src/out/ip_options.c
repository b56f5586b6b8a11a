/* SPDX-License-Identifier: MIT */
/*
 * IP options as ping prints them: one address a line; the first time stamp absolute, the others as differences; the
 * fields of a quoted header in hexadecimal, in the order of the bytes. iputils swaps the bytes of some.
 */
#include "out/ip_options.h"

#include <string.h>

#include "base/bytes.h"
#include "out/report.h"
#include "wire/ipopts.h"

#define STAMPS_ALONE    0
#define NOT_STANDARD    UINT32_C(0x80000000) /* not milliseconds since midnight UT */
#define STAMP_KIND      0x0f
#define STAMPS_OVERFLOW 4 /* bits from there on: hosts that found no room */

/* What the lines are made of. */
struct lines {
	struct strbuf *text;
	const struct out_run *run;
	struct ip_options_route *route;
};

static struct rp_addr read_address(struct reader *reader)
{
	return rp_addr_ipv4(reader_u32(reader));
}

static void add_address(const struct lines *lines, struct reader *reader)
{
	strbuf_add_char(lines->text, '\t');
	report_add_address(lines->text, lines->run, read_address(reader));
}

static void add_addresses(const struct lines *lines, struct reader reader)
{
	while (reader_left(&reader) >= 4) {
		add_address(lines, &reader);
		strbuf_add_char(lines->text, '\n');
	}
}

static unsigned count_named(const struct out_run *run, struct reader reader)
{
	unsigned count = 0;

	while (reader_left(&reader) >= 4)
		count += report_name(run, read_address(&reader)) != NULL;
	return count;
}

/* What has been filled in up to the pointer, which counts from 1 from the option's type. */
static struct reader filled(struct reader body, unsigned pointer, unsigned first)
{
	size_t length = pointer > first ? pointer - first : 0;

	if (length > reader_left(&body))
		length = reader_left(&body);
	return reader_of(body.at, length);
}

static void add_record_route(const struct lines *lines, struct reader body)
{
	struct ip_options_route *route = lines->route;
	unsigned pointer = reader_u8(&body);
	struct reader slots = filled(body, pointer, 4);
	size_t length = reader_left(&slots);
	unsigned named = count_named(lines->run, slots);

	if (length == 0)
		return;
	if (length == route->length && memcmp(slots.at, route->bytes, length) == 0 && named <= route->named) {
		strbuf_add(lines->text, "\t(same route)");
		return;
	}
	route->named = (uint8_t)named;
	route->length = (uint8_t)length;
	memcpy(route->bytes, slots.at, length);
	strbuf_add(lines->text, "\nRR: ");
	add_addresses(lines, slots);
}

static void add_stamp(struct strbuf *text, uint32_t stamp, int64_t last[2])
{
	bool odd = stamp & NOT_STANDARD;
	int64_t value = stamp & ~NOT_STANDARD;
	const char *word = odd ? " not-standard" : "";

	if (last[odd] == 0)
		strbuf_addf(text, "\t%lld absolute%s", (long long)value, word);
	else
		strbuf_addf(text, "\t%lld%s", (long long)(value - last[odd]), word);
	last[odd] = value;
}

static void add_stamps(const struct lines *lines, struct reader body)
{
	struct strbuf *text = lines->text;
	unsigned pointer = reader_u8(&body);
	unsigned flags = reader_u8(&body);
	bool alone = (flags & STAMP_KIND) == STAMPS_ALONE;
	struct reader slots = filled(body, pointer, 5);
	int64_t last[2] = {0, 0};

	if (reader_left(&slots) == 0)
		return;
	strbuf_add(text, "\nTS: ");
	while (reader_left(&slots) >= (alone ? 4u : 8u)) {
		if (!alone)
			add_address(lines, &slots);
		add_stamp(text, reader_u32(&slots), last);
		strbuf_add_char(text, '\n');
	}
	if (flags >> STAMPS_OVERFLOW)
		strbuf_addf(text, "Unrecorded hops: %u\n", flags >> STAMPS_OVERFLOW);
}

static void add_option(const struct lines *lines, uint8_t type, struct reader body)
{
	unsigned pointer;

	switch (type) {
	case IPV4_OPTION_RECORD_ROUTE:
		add_record_route(lines, body);
		break;
	case IPV4_OPTION_STAMPS:
		add_stamps(lines, body);
		break;
	case IPV4_OPTION_LOOSE_ROUTE:
	case IPV4_OPTION_STRICT_ROUTE:
		pointer = reader_u8(&body);
		strbuf_addf(lines->text, "\n%cSRR: ", type == IPV4_OPTION_LOOSE_ROUTE ? 'L' : 'S');
		add_addresses(lines, filled(body, pointer, 4));
		break;
	default:
		strbuf_addf(lines->text, "\nunknown option %x", type);
	}
}

void ip_options_add(struct strbuf *text, const struct out_run *run, const struct rp_ipv4 *ip,
		    struct ip_options_route *route)
{
	const struct lines lines = {.text = text, .run = run, .route = route};
	struct reader reader = reader_of(ip->options, ip->options_length);
	struct option option;

	while (reader_option(&reader, &option) && option.type != IPV4_OPTION_END && !option.cut)
		if (option.type == IPV4_OPTION_NOP)
			strbuf_add(text, "\nNOP");
		else
			add_option(&lines, option.type, option.body);
}

void ip_header_add(struct strbuf *text, const struct out_run *run, const struct rp_ipv4 *ip)
{
	struct ip_options_route route = {.length = 0};
	char source[RP_ADDR_TEXT_SIZE], destination[RP_ADDR_TEXT_SIZE];
	unsigned flags = (ip->dont_fragment ? 2u : 0) | (ip->more_fragments ? 1u : 0);

	strbuf_add(text, "\nVr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst Data\n");
	strbuf_addf(text, " %x  %x  %02x %04x %04x   %x %04x  %02x  %02x %04x %s  %s ", ip->version,
		    ip->header_length / 4, ip->type_of_service, ip->total_length, ip->identification, flags,
		    ip->fragment_offset / 8, ip->time_to_live, ip->protocol, ip->header_checksum,
		    rp_addr_format(ip->source, source), rp_addr_format(ip->destination, destination));
	ip_options_add(text, run, ip, &route);
}
