/* SPDX-License-Identifier: MIT */
/* Cuts a packet into fragments. An IP option goes into all of them only where its type says so (RFC 791, section
 * 3.1). */
#include "wire/fragment.h"

#include "wire/ipv4.h"
#include "wire/ipopts.h"

#define COPIED 0x80 /* in an option's type */
#define UNIT   8    /* fragment offsets count these */

struct fragmenter fragmenter_of(const uint8_t *bytes, size_t length, size_t mtu, uint16_t identification)
{
	return (struct fragmenter){
		.bytes = bytes,
		.length = length,
		.mtu = mtu < FRAGMENT_MTU_MIN ? FRAGMENT_MTU_MIN : mtu,
		.identification = identification,
	};
}

/* The options of the fragments behind the first. */
static uint8_t copied_options(const struct rp_ipv4 *ip, uint8_t out[OPTIONS_MAX])
{
	struct reader reader = reader_of(ip->options, ip->options_length);
	struct writer writer = writer_of(out, OPTIONS_MAX);
	struct option option;

	while (reader_option(&reader, &option))
		if (option.type & COPIED && !option.cut)
			writer_bytes(&writer, option.bytes, option.length);
	return (uint8_t)writer_length(&writer);
}

size_t fragmenter_next(struct fragmenter *fragmenter, uint8_t *out)
{
	struct reader reader = reader_of(fragmenter->bytes, fragmenter->length);
	uint8_t options[OPTIONS_MAX];
	struct rp_ipv4 ip;

	if (ipv4_parse(&reader, &ip) != RP_PACKET_OK)
		return 0;
	size_t left = fragmenter->length - ip.header_length - fragmenter->at;
	const uint8_t *rest = fragmenter->bytes + ip.header_length + fragmenter->at;
	if (left == 0)
		return 0;
	if (fragmenter->at > 0) {
		ip.options_length = copied_options(&ip, options);
		ip.options = options;
	}
	size_t header_length = IPV4_HEADER_MIN + (ip.options_length + 3u) / 4 * 4;
	size_t room = (fragmenter->mtu - header_length) / UNIT * UNIT;
	size_t taken = left > fragmenter->mtu - header_length ? room : left;

	ip.dont_fragment = false;
	ip.identification = fragmenter->identification;
	ip.more_fragments = taken < left;
	ip.fragment_offset = (uint16_t)fragmenter->at;
	ip.total_length = (uint16_t)(header_length + taken);
	struct writer writer = writer_of(out, fragmenter->mtu);
	ipv4_put(&writer, &ip);
	writer_bytes(&writer, rest, taken);
	fragmenter->at += taken;
	return writer.failed ? 0 : header_length + taken;
}
