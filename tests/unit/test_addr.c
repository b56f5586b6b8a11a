/* SPDX-License-Identifier: MIT */
/* Addresses and their text; the strict dotted quad is that of inet_pton(3), which is the oracle here. */
#include <arpa/inet.h>
#include <errno.h>

#include "unit.h"

#include <rprobe/packet.h>

TEST(values)
{
	struct rp_addr address = rp_addr_ipv4(0xc0000207);
	const uint8_t bytes[16] = {192, 0, 2, 7};

	assert_int_equal(address.family, RP_FAMILY_IPV4);
	assert_memory_equal(address.bytes, bytes, sizeof(bytes));
	assert_int_equal(rp_addr_ipv4_value(address), 0xc0000207);
	assert_int_equal(rp_addr_ipv4_value(rp_addr_ipv4(UINT32_MAX)), UINT32_MAX);
	address.family = RP_FAMILY_IPV6;
	assert_int_equal(rp_addr_ipv4_value(address), 0);
}

TEST(equal)
{
	struct rp_addr none = {0}, zero = rp_addr_ipv4(0), six = {.family = RP_FAMILY_IPV6};

	assert_true(rp_addr_equal(zero, rp_addr_ipv4(0)));
	assert_false(rp_addr_equal(zero, rp_addr_ipv4(1)));
	assert_false(rp_addr_equal(zero, none));
	assert_false(rp_addr_equal(zero, six));
	six.bytes[15] = 1;
	assert_false(rp_addr_equal(six, (struct rp_addr){.family = RP_FAMILY_IPV6}));
}

TEST(parse)
{
	static const char *const texts[] = {
		"0.0.0.0",    "255.255.255.255",  "192.0.2.1", "1.2.3.256",  "256.2.3.4",
		"1.2.3",      "1.2.3.4.5",        "1.2.3.",    ".1.2.3",     "1..2.3",
		"01.2.3.4",   "1.2.3.00",         "1.2.3.4 ",  " 1.2.3.4",   "1.2.3.-4",
		"+1.2.3.4",   "0x1.2.3.4",        "",          ".",          "...",
		"1.2.3.4/24", "1.2.3.0004",       "127.1",     "2130706433", "1.2.3.a",
		"1,2,3,4",    "1.2.3.4294967300",
	};

	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		struct rp_addr address = {.family = 99};
		struct in_addr oracle;
		bool good = inet_pton(AF_INET, texts[i], &oracle) == 1;

		assert_int_equal(rp_addr_parse(texts[i], &address), good ? 0 : -EINVAL);
		if (good)
			assert_int_equal(rp_addr_ipv4_value(address), ntohl(oracle.s_addr));
		else
			assert_int_equal(address.family, 99);
	}
}

TEST(format)
{
	static const uint32_t values[] = {0, 1, 0x0a000001, 0xc0000207, 0xffffffff};
	char text[RP_ADDR_TEXT_SIZE], oracle[INET_ADDRSTRLEN];

	for (size_t i = 0; i < LENGTH_OF(values); i++) {
		struct in_addr in = {htonl(values[i])};

		assert_ptr_equal(rp_addr_format(rp_addr_ipv4(values[i]), text), text);
		assert_string_equal(text, inet_ntop(AF_INET, &in, oracle, sizeof(oracle)));
	}
	assert_string_equal(rp_addr_format((struct rp_addr){0}, text), "-");
}
