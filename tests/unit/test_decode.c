/* SPDX-License-Identifier: MIT */
/* A packet in words: every field of a packet made by scapy (vectors.h), and no bytes that make it stumble. */
#include <stdio.h>

#include "unit.h"

#include <rprobe/packet.h>

/* scapy: IP(src="10.0.0.1", dst="192.0.2.77", tos=0xb8, id=0x1234, flags="DF", ttl=3)/ICMP(id=7, seq=9)/b"abcd" */
static const uint8_t echo[] = {0x45, 0xb8, 0x00, 0x20, 0x12, 0x34, 0x40, 0x00, 0x03, 0x01, 0x98,
			       0xa3, 0x0a, 0x00, 0x00, 0x01, 0xc0, 0x00, 0x02, 0x4d, 0x08, 0x00,
			       0x33, 0x29, 0x00, 0x07, 0x00, 0x09, 0x61, 0x62, 0x63, 0x64};

static char *text_of(const struct rp_packet *packet, enum rp_detail detail)
{
	size_t size = rp_packet_decode(packet, detail, NULL, 0) + 1;
	char *text = malloc(size);

	assert_non_null(text);
	assert_int_equal(rp_packet_decode(packet, detail, text, size), size - 1);
	assert_int_equal(strlen(text), size - 1);
	return text;
}

static char *decoded(const uint8_t *bytes, size_t length)
{
	struct rp_packet packet;

	rp_packet_parse(&packet, bytes, length);
	return text_of(&packet, RP_DETAIL_FULL);
}

TEST(fields)
{
	char *text = decoded(echo, sizeof echo);

	assert_string_equal(text, "IPv4, bytes 0x0000 to 0x0013\n"
				  "  0x0000 version         4\n"
				  "  0x0000 header length   5 [20 bytes]\n"
				  "  0x0001 type of service 0xb8 [DSCP 46 ef, not ECN-capable]\n"
				  "  0x0002 total length    32\n"
				  "  0x0004 identification  0x1234\n"
				  "  0x0006 flags           don't fragment\n"
				  "  0x0006 fragment offset 0 [0 bytes]\n"
				  "  0x0008 time to live    3\n"
				  "  0x0009 protocol        1 [ICMP]\n"
				  "  0x000a checksum        0x98a3 [good]\n"
				  "  0x000c source          10.0.0.1\n"
				  "  0x0010 destination     192.0.2.77\n"
				  "ICMP, bytes 0x0014 to 0x001b\n"
				  "  0x0014 type            8 [echo request]\n"
				  "  0x0015 code            0\n"
				  "  0x0016 checksum        0x3329 [good]\n"
				  "  0x0018 identifier      7\n"
				  "  0x001a sequence        9\n"
				  "Data, bytes 0x001c to 0x001f\n");
	free(text);
}

TEST(wrong_checksums)
{
	uint8_t bytes[sizeof echo];

	memcpy(bytes, echo, sizeof bytes);
	bytes[31] ^= 1;
	char *text = decoded(bytes, sizeof bytes);
	assert_non_null(strstr(text, "0x98a3 [good]"));
	assert_non_null(strstr(text, "0x3329 [bad]"));
	free(text);
	bytes[8] = 4;
	text = decoded(bytes, sizeof bytes);
	assert_non_null(strstr(text, "0x98a3 [bad, or"));
	free(text);
}

TEST(lines)
{
	struct rp_packet packet;

	rp_packet_parse(&packet, echo, sizeof echo);
	char *text = text_of(&packet, RP_DETAIL_BRIEF);
	assert_string_equal(text, "IPv4 10.0.0.1 > 192.0.2.77: ttl 3, tos 0xb8 [ef], id 4660, DF, length 32\n"
				  "ICMP echo request: id 7, seq 9, data 4, checksum good\n");
	free(text);
}

/* An error about a probe of `echo`'s, as `change` made it on its way; what is concluded. */
static const char *compared(const uint8_t *quote, size_t length)
{
	static char text[1024];
	uint8_t error[28 + sizeof echo] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 9, 10, 0, 0, 1, 11};
	struct rp_packet answer, probe;

	error[3] = (uint8_t)(28 + length);
	memcpy(error + 28, quote, length);
	rp_packet_parse(&probe, echo, sizeof echo);
	rp_packet_parse(&answer, error, 28 + length);
	rp_packet_compare(&answer, &probe, text, sizeof text);
	return text;
}

TEST(quote_against_probe)
{
	uint8_t quote[sizeof echo];

	memcpy(quote, echo, sizeof echo);
	assert_string_equal(compared(quote, sizeof echo),
			    "[time to live 3 as sent, 3 in the quote: 0 routers passed it on]\n"
			    "[otherwise as sent: 32 of 32 bytes are quoted]\n");
	quote[8] = 1;
	assert_string_equal(compared(quote, 28), "[time to live 3 as sent, 1 in the quote: 2 routers passed it on]\n"
						 "[otherwise as sent: 28 of 32 bytes are quoted]\n");
	quote[1] = 0;     /* remarked */
	quote[6] = 0;     /* DF cleared */
	quote[15] = 99;   /* translated */
	quote[25] = 0x77; /* another identifier */
	quote[30] = 'X';
	assert_string_equal(compared(quote, sizeof echo),
			    "[time to live 3 as sent, 1 in the quote: 2 routers passed it on]\n"
			    "[changed on the way: type of service 0xb8 to 0x00, don't fragment set to unset, "
			    "source 10.0.0.1 to 10.0.0.99, identifier 7 to 119, data from byte 2 on]\n");
	quote[8] = 64;
	assert_non_null(strstr(compared(quote, 28), "[time to live 3 as sent, 64 in the quote: set anew on the way]"));
}

/* Cut short, and with any byte changed: always whole lines, never a word too much. */
TEST(damage)
{
	uint8_t bytes[256];
	unsigned seed = 1;

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
		struct rp_packet packet;
		rp_packet_parse(&packet, bytes, length);
		free(text_of(&packet, RP_DETAIL_BRIEF));
		char *text = decoded(bytes, length);
		assert_true(text[0] != '\0' && text[strlen(text) - 1] == '\n');
		free(text);
	}
}

TEST(short_buffer)
{
	struct rp_packet packet;
	char text[10];

	rp_packet_parse(&packet, echo, sizeof echo);
	assert_true(rp_packet_decode(&packet, RP_DETAIL_FULL, text, sizeof text) > 300);
	assert_string_equal(text, "IPv4, byt");
	assert_int_equal(rp_packet_dump(&packet, text, sizeof text), 2 * (1 + 8 + 40 + 2 + 16 + 1));
	assert_string_equal(text, "\t0x0000: ");
}
