/* SPDX-License-Identifier: MIT */
/* A packet in words: every field of a packet made by scapy (vectors.h), and no octets that make it stumble. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rprobe/packet.h>

/* scapy: IP(src="10.0.0.1", dst="192.0.2.77", tos=0xb8, id=0x1234, flags="DF", ttl=3)/ICMP(id=7, seq=9)/b"abcd" */
static const uint8_t echo[] = {0x45, 0xb8, 0x00, 0x20, 0x12, 0x34, 0x40, 0x00, 0x03, 0x01, 0x98,
			       0xa3, 0x0a, 0x00, 0x00, 0x01, 0xc0, 0x00, 0x02, 0x4d, 0x08, 0x00,
			       0x33, 0x29, 0x00, 0x07, 0x00, 0x09, 0x61, 0x62, 0x63, 0x64};

static char *decoded(const uint8_t *bytes, size_t length)
{
	struct rp_packet packet;

	rp_packet_parse(&packet, bytes, length);
	size_t size = rp_packet_decode(&packet, NULL, 0) + 1;
	char *text = malloc(size);
	assert_non_null(text);
	assert_int_equal(rp_packet_decode(&packet, text, size), size - 1);
	assert_int_equal(strlen(text), size - 1);
	return text;
}

static void test_fields(void **state)
{
	char *text = decoded(echo, sizeof echo);

	(void)state;
	assert_string_equal(text, "IPv4\n"
				  "  version         4\n"
				  "  header length   5 [20 octets]\n"
				  "  type of service 0xb8 [DSCP 46, not ECN-capable]\n"
				  "  total length    32\n"
				  "  identification  0x1234\n"
				  "  flags           don't fragment\n"
				  "  fragment offset 0 [0 octets]\n"
				  "  time to live    3\n"
				  "  protocol        1 [ICMP]\n"
				  "  checksum        0x98a3 [good]\n"
				  "  source          10.0.0.1\n"
				  "  destination     192.0.2.77\n"
				  "ICMP\n"
				  "  type            8 [echo request]\n"
				  "  code            0\n"
				  "  checksum        0x3329 [good]\n"
				  "  identifier      7\n"
				  "  sequence        9\n"
				  "  data            4 octets\n");
	free(text);
}

static void test_wrong_checksums(void **state)
{
	uint8_t bytes[sizeof echo];

	(void)state;
	memcpy(bytes, echo, sizeof bytes);
	bytes[31] ^= 1;
	char *text = decoded(bytes, sizeof bytes);
	assert_non_null(strstr(text, "0x98a3 [good]"));
	assert_non_null(strstr(text, "0x3329 [wrong]"));
	free(text);
	bytes[8] = 4;
	text = decoded(bytes, sizeof bytes);
	assert_non_null(strstr(text, "0x98a3 [does not fit"));
	free(text);
}

/* Cut short, and with any octet changed: always whole lines, never a word too much. */
static void test_damage(void **state)
{
	uint8_t bytes[256];
	unsigned seed = 1;

	(void)state;
	for (size_t length = 0; length < sizeof echo; length++)
		free(decoded(echo, length));
	for (unsigned round = 0; round < 20000; round++) {
		size_t length = 20 + round % 200;

		for (size_t i = 0; i < length; i++)
			bytes[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
		bytes[0] = (uint8_t)(0x40 | (5 + round % 11));
		bytes[2] = 0;
		bytes[3] = (uint8_t)length;
		bytes[6] = bytes[7] = 0;
		bytes[9] = round % 3 ? 1 : 6;
		char *text = decoded(bytes, length);
		assert_true(text[0] != '\0' && text[strlen(text) - 1] == '\n');
		free(text);
	}
}

static void test_short_buffer(void **state)
{
	struct rp_packet packet;
	char text[10];

	(void)state;
	rp_packet_parse(&packet, echo, sizeof echo);
	assert_true(rp_packet_decode(&packet, text, sizeof text) > 300);
	assert_string_equal(text, "IPv4\n  ve");
	assert_int_equal(rp_packet_dump(&packet, text, sizeof text), 2 * (1 + 8 + 40 + 2 + 16 + 1));
	assert_string_equal(text, "\t0x0000: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fields), cmocka_unit_test(test_wrong_checksums),
					   cmocka_unit_test(test_damage), cmocka_unit_test(test_short_buffer)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
