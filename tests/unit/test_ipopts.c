/* SPDX-License-Identifier: MIT */
/* IPv4 options as they leave this host: expected bytes are what Linux puts on the wire for iputils' ping. */

#include "unit.h"

#include "wire/ipopts.h"

static struct ipopts_of made_of(enum rp_ip_option option, const struct rp_addr *hops, uint8_t count)
{
	return (struct ipopts_of){
		.option = option,
		.hops = hops,
		.hop_count = count,
		.source = rp_addr_ipv4(0x0a090101),
		.destination = rp_addr_ipv4(0x0a090202),
		.midnight_ms = 0x00654321,
	};
}

static void assert_bytes(enum rp_ip_option option, const struct rp_addr *hops, uint8_t count, const char *expected,
			 uint8_t length)
{
	struct ipopts_of of = made_of(option, hops, count);
	uint8_t bytes[OPTIONS_MAX];

	assert_int_equal(ipopts_put(&of, bytes), length);
	assert_memory_equal(bytes, expected, length);
}

TEST(none)
{
	assert_bytes(RP_IP_OPTION_NONE, NULL, 0, "", 0);
}

TEST(record_route)
{
	assert_bytes(RP_IP_OPTION_RECORD_ROUTE, NULL, 0,
		     "\x01\x07\x27\x08\x0a\x09\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		     40);
}

TEST(stamps)
{
	assert_bytes(RP_IP_OPTION_STAMPS, NULL, 0,
		     "\x44\x28\x09\x00\x00\x65\x43\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		     40);
	assert_bytes(RP_IP_OPTION_STAMPS_ADDRESSES, NULL, 0,
		     "\x44\x24\x0d\x01\x0a\x09\x01\x01\x00\x65\x43\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		     36);
}

TEST(preset)
{
	const struct rp_addr hops[] = {rp_addr_ipv4(0x0a0901fe), rp_addr_ipv4(0x0a090202)};
	const struct rp_addr own[] = {rp_addr_ipv4(0x0a090101)};

	assert_bytes(RP_IP_OPTION_STAMPS_PRESET, hops, 2,
		     "\x44\x14\x05\x03\x0a\x09\x01\xfe\0\0\0\0\x0a\x09\x02\x02\0\0\0", 20);
	assert_bytes(RP_IP_OPTION_STAMPS_PRESET, own, 1, "\x44\x0c\x0d\x03\x0a\x09\x01\x01\x00\x65\x43\x21", 12);
}

TEST(source_routes)
{
	const struct rp_addr hops[] = {rp_addr_ipv4(0x0a0901fe), rp_addr_ipv4(0x0a090303)};

	assert_bytes(RP_IP_OPTION_LOOSE_ROUTE, hops, 2, "\x01\x83\x0b\x04\x0a\x09\x03\x03\x0a\x09\x02\x02", 12);
	assert_bytes(RP_IP_OPTION_STRICT_ROUTE, hops, 1, "\x01\x89\x07\x04\x0a\x09\x02\x02", 8);
}

static struct rp_addr final_of(const char *options, uint8_t length)
{
	const struct rp_ipv4 ip = {
		.destination = rp_addr_ipv4(0x0a0901fe), .options = (const uint8_t *)options, .options_length = length};

	return ipopts_final(&ip);
}

TEST(final)
{
	assert_int_equal(rp_addr_ipv4_value(final_of("", 0)), 0x0a0901fe);
	assert_int_equal(rp_addr_ipv4_value(final_of("\x01\x83\x07\x04\x0a\x09\x02\x02", 8)), 0x0a090202);
	assert_int_equal(rp_addr_ipv4_value(final_of("\x89\x0b\x04\x01\x02\x03\x04\x0a\x09\x02\x02\x00", 12)),
			 0x0a090202);
	/* Its end is reached: the header's destination is the last. */
	assert_int_equal(rp_addr_ipv4_value(final_of("\x01\x83\x07\x08\x0a\x09\x02\x02", 8)), 0x0a0901fe);
	/* Cut short, too short, of another kind. */
	assert_int_equal(rp_addr_ipv4_value(final_of("\x01\x83\x0b\x04\x0a\x09\x02\x02", 8)), 0x0a0901fe);
	assert_int_equal(rp_addr_ipv4_value(final_of("\x83\x03\x04\x00", 4)), 0x0a0901fe);
	assert_int_equal(rp_addr_ipv4_value(final_of("\x83\x00\x04\x00", 4)), 0x0a0901fe);
	assert_int_equal(rp_addr_ipv4_value(final_of("\x83", 1)), 0x0a0901fe);
	assert_int_equal(rp_addr_ipv4_value(final_of("\x07\x07\x04\x0a\x09\x02\x02\x00", 8)), 0x0a0901fe);
}
