/* SPDX-License-Identifier: MIT */
/*
 * The layout of IPv4 options. The kernel does not look at the options of a packet whose header we wrote, so
 * the sender's own entry (its address, its time stamp) is ours to make, as a router on the way makes its.
 */
#include "wire/ipopts.h"

#define ROUTE_SLOTS         9 /* addresses of a recorded route */
#define STAMP_SLOTS         9
#define STAMP_ADDRESS_SLOTS 4
#define FIRST_ROUTE_POINTER 4 /* pointers count from 1, from the option's type */
#define FIRST_STAMP_POINTER 5

enum stamp_flag {
	STAMPS_ALONE = 0,
	STAMPS_WITH_ADDRESSES = 1,
	STAMPS_OF_PRESET = 3,
};

static void put_address(struct writer *writer, struct rp_addr address)
{
	writer_bytes(writer, address.bytes, 4);
}

static void put_record_route(struct writer *writer, const struct ipopts_of *of)
{
	writer_u8(writer, IPV4_OPTION_NOP); /* so that the addresses are aligned */
	writer_u8(writer, IPV4_OPTION_RECORD_ROUTE);
	writer_u8(writer, 3 + 4 * ROUTE_SLOTS);
	writer_u8(writer, FIRST_ROUTE_POINTER + 4);
	put_address(writer, of->source);
	writer_fill(writer, 0, 4 * (ROUTE_SLOTS - 1));
}

static void put_stamps_head(struct writer *writer, unsigned length, unsigned pointer, enum stamp_flag flag)
{
	writer_u8(writer, IPV4_OPTION_STAMPS);
	writer_u8(writer, (uint8_t)length);
	writer_u8(writer, (uint8_t)pointer);
	writer_u8(writer, (uint8_t)flag);
}

static void put_preset(struct writer *writer, const struct ipopts_of *of)
{
	bool first = of->hop_count > 0 && rp_addr_equal(of->hops[0], of->source);

	put_stamps_head(writer, 4 + 8u * of->hop_count, FIRST_STAMP_POINTER + (first ? 8 : 0), STAMPS_OF_PRESET);
	for (unsigned i = 0; i < of->hop_count; i++) {
		put_address(writer, of->hops[i]);
		writer_u32(writer, first && i == 0 ? of->midnight_ms : 0);
	}
}

/* The first hop stands in the header as the destination, the destination at the end of the route. */
static void put_source_route(struct writer *writer, const struct ipopts_of *of, enum ipv4_option type)
{
	writer_u8(writer, IPV4_OPTION_NOP);
	writer_u8(writer, (uint8_t)type);
	writer_u8(writer, (uint8_t)(3 + 4 * of->hop_count));
	writer_u8(writer, FIRST_ROUTE_POINTER);
	for (unsigned i = 1; i < of->hop_count; i++)
		put_address(writer, of->hops[i]);
	put_address(writer, of->destination);
}

uint8_t ipopts_put(const struct ipopts_of *of, uint8_t out[OPTIONS_MAX])
{
	struct writer writer = writer_of(out, OPTIONS_MAX);

	switch (of->option) {
	case RP_IP_OPTION_NONE:
		break;
	case RP_IP_OPTION_RECORD_ROUTE:
		put_record_route(&writer, of);
		break;
	case RP_IP_OPTION_STAMPS:
		put_stamps_head(&writer, 4 + 4 * STAMP_SLOTS, FIRST_STAMP_POINTER + 4, STAMPS_ALONE);
		writer_u32(&writer, of->midnight_ms);
		writer_fill(&writer, 0, 4 * (STAMP_SLOTS - 1));
		break;
	case RP_IP_OPTION_STAMPS_ADDRESSES:
		put_stamps_head(&writer, 4 + 8 * STAMP_ADDRESS_SLOTS, FIRST_STAMP_POINTER + 8, STAMPS_WITH_ADDRESSES);
		put_address(&writer, of->source);
		writer_u32(&writer, of->midnight_ms);
		writer_fill(&writer, 0, 8 * (STAMP_ADDRESS_SLOTS - 1));
		break;
	case RP_IP_OPTION_STAMPS_PRESET:
		put_preset(&writer, of);
		break;
	case RP_IP_OPTION_LOOSE_ROUTE:
		put_source_route(&writer, of, IPV4_OPTION_LOOSE_ROUTE);
		break;
	case RP_IP_OPTION_STRICT_ROUTE:
		put_source_route(&writer, of, IPV4_OPTION_STRICT_ROUTE);
		break;
	}
	return writer.failed ? 0 : (uint8_t)writer_length(&writer);
}

struct rp_addr ipopts_final(const struct rp_ipv4 *ip)
{
	struct reader reader = reader_of(ip->options, ip->options_length);
	struct option option;

	while (reader_option(&reader, &option)) {
		bool routes = option.type == IPV4_OPTION_LOOSE_ROUTE || option.type == IPV4_OPTION_STRICT_ROUTE;

		if (!routes || option.cut || option.length < 7)
			continue;
		if (reader_u8(&option.body) > option.length)
			break; /* the route has been gone to its end */
		reader_take(&option.body, option.length - 7U);
		return rp_addr_ipv4(reader_u32(&option.body));
	}
	return ip->destination;
}

bool ipopts_routes(const struct rp_config *config)
{
	return config->ip_option == RP_IP_OPTION_LOOSE_ROUTE || config->ip_option == RP_IP_OPTION_STRICT_ROUTE;
}

struct rp_addr ipopts_first_hop(const struct rp_config *config, struct rp_addr destination)
{
	return ipopts_routes(config) ? config->hops[0] : destination;
}
