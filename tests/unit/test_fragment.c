/* SPDX-License-Identifier: MIT */
/* Fragments put together again by the rules of RFC 791 section 3.2 are the datagram. */

#include "unit.h"

#include "wire/fragment.h"
#include "wire/ipv4.h"

static uint8_t whole[65535];
static uint8_t again[65535];

static size_t make(size_t payload, const uint8_t *options, uint8_t options_length)
{
	struct rp_ipv4 ip = {.type_of_service = 8,
			     .time_to_live = 33,
			     .protocol = 1,
			     .dont_fragment = true,
			     .source = rp_addr_ipv4(1),
			     .destination = rp_addr_ipv4(2),
			     .options = options,
			     .options_length = options_length};
	size_t length = 20 + (options_length + 3u) / 4 * 4 + payload;

	ip.total_length = (uint16_t)length;
	struct writer writer = writer_of(whole, sizeof whole);
	ipv4_put(&writer, &ip);
	for (size_t i = 0; i < payload; i++)
		writer_u8(&writer, (uint8_t)(i * 31 + i / 256));
	assert_false(writer.failed);
	return length;
}

/* How many fragments there were. */
static unsigned check(size_t length, size_t header_length, size_t mtu, uint8_t later_options)
{
	struct fragmenter fragmenter = fragmenter_of(whole, length, mtu, 4711);
	uint8_t packet[65535];
	size_t got, expected_offset = 0;
	unsigned count = 0;
	bool more = true;

	while ((got = fragmenter_next(&fragmenter, packet)) > 0) {
		struct reader reader = reader_of(packet, got);
		struct rp_ipv4 ip;

		assert_true(more);
		assert_true(got <= mtu);
		assert_int_equal(ipv4_parse(&reader, &ip), RP_PACKET_OK);
		assert_int_equal(ip.total_length, got);
		assert_int_equal(ip.identification, 4711);
		assert_int_equal(ip.fragment_offset, expected_offset);
		assert_false(ip.dont_fragment);
		assert_int_equal(ip.time_to_live, 33);
		assert_int_equal(ip.type_of_service, 8);
		assert_int_equal(ip.options_length, count == 0 ? header_length - 20 : later_options);
		more = ip.more_fragments;
		size_t data = got - ip.header_length;
		if (more)
			assert_int_equal(data % 8, 0);
		memcpy(again + expected_offset, packet + ip.header_length, data);
		expected_offset += data;
		count++;
	}
	assert_false(more);
	assert_int_equal(expected_offset, length - header_length);
	assert_memory_equal(again, whole + header_length, expected_offset);
	return count;
}

TEST(sizes)
{
	assert_int_equal(check(make(2008, NULL, 0), 20, 1500, 0), 2);
	assert_int_equal(check(make(1480, NULL, 0), 20, 1500, 0), 1);
	assert_int_equal(check(make(1481, NULL, 0), 20, 1500, 0), 2);
	assert_int_equal(check(make(65515, NULL, 0), 20, 1500, 0), 45); /* 44 of 1480 are 65120 */
	assert_int_equal(check(make(65515, NULL, 0), 20, 68, 0), 1365); /* 48 each */
	assert_int_equal(check(make(3000, NULL, 0), 20, 1006, 0), 4);   /* room for 984 */
}

TEST(options)
{
	static const uint8_t record_route[] = {1, 7, 7, 4, 0, 0, 0, 0};
	static const uint8_t both[] = {7, 7, 4, 0, 0, 0, 0, 131, 7, 4, 9, 9, 9, 9, 0, 0};

	assert_int_equal(check(make(2000, record_route, sizeof record_route), 28, 1500, 0), 2);
	assert_int_equal(check(make(2000, both, sizeof both), 36, 1500, 8), 2);
}
