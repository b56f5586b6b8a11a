/* SPDX-License-Identifier: MIT */
/* Whole packets against scapy's dissection; then every cut and many damages of them, for the sanitizers. */
#include "base/rng.h"

#include "vectors.h"

static void check_pointer(const uint8_t *is, const uint8_t *bytes, size_t at)
{
	assert_ptr_equal(is, at ? bytes + at : NULL);
}

static void check_quote(const struct rp_quote *is, const struct quote_vector *should, const uint8_t *bytes)
{
	assert_int_equal(is->present, should->length > 0);
	assert_icmp_equal(&is->icmp, &should->icmp);
	assert_tcp_equal(&is->tcp, &should->tcp);
	assert_ipv4_equal(&is->ip, &should->ip);
	check_pointer(is->bytes, bytes, should->at);
	assert_int_equal(is->length, should->length);
	check_pointer(is->payload, bytes, should->payload_at);
	assert_int_equal(is->payload_length, should->payload_length);
}

TEST(vectors)
{
	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];
		uint8_t *copy = heap_copy(v->bytes, v->length);
		struct rp_packet packet;

		rp_packet_parse(&packet, copy, v->length);
		if (packet.verdict != v->verdict || packet.checksum != v->checksum)
			print_error("%s\n", v->name);
		assert_int_equal(packet.verdict, v->verdict);
		assert_int_equal(packet.checksum, v->checksum);
		assert_ptr_equal(packet.bytes, copy);
		assert_int_equal(packet.length, v->cut);
		assert_ipv4_equal(&packet.ip, &v->ip);
		assert_icmp_equal(&packet.icmp, &v->icmp);
		assert_tcp_equal(&packet.tcp, &v->tcp);
		check_pointer(packet.payload, copy, v->payload_at);
		assert_int_equal(packet.payload_length, v->payload_length);
		check_quote(&packet.quote, &v->quote, copy);
		free(copy);
	}
}

TEST(verdicts)
{
	for (size_t i = 0; i < LENGTH_OF(verdict_vectors); i++) {
		const struct verdict_vector *v = &verdict_vectors[i];
		uint8_t *copy = heap_copy(v->bytes, v->length);
		struct rp_packet packet;

		rp_packet_parse(&packet, copy, v->length);
		if (packet.verdict != v->verdict)
			print_error("%s\n", v->name);
		assert_int_equal(packet.verdict, v->verdict);
		assert_int_equal(packet.checksum, RP_CHECKSUM_NONE);
		free(copy);
	}
}

static void assert_within(const uint8_t *part, size_t length, const uint8_t *bytes, size_t all)
{
	if (!part)
		assert_int_equal(length, 0);
	else
		assert_true(part >= bytes && length <= all && part <= bytes + (all - length));
}

/* Whatever the bytes are: nothing points outside of them, and only a whole packet has its checksum judged. */
static void parse_anything(const uint8_t *bytes, size_t length, struct rp_packet *packet)
{
	uint8_t *copy = heap_copy(bytes, length);

	rp_packet_parse(packet, copy, length);
	assert_ptr_equal(packet->bytes, copy);
	assert_true(packet->length <= length);
	assert_within(packet->ip.options, packet->ip.options_length, copy, packet->length);
	assert_within(packet->tcp.options, packet->tcp.options_length, copy, packet->length);
	assert_within(packet->payload, packet->payload_length, copy, packet->length);
	assert_within(packet->quote.bytes, packet->quote.length, copy, packet->length);
	assert_within(packet->quote.ip.options, packet->quote.ip.options_length, copy, packet->length);
	assert_within(packet->quote.tcp.options, packet->quote.tcp.options_length, copy, packet->length);
	assert_within(packet->quote.payload, packet->quote.payload_length, copy, packet->length);
	assert_int_equal(packet->checksum != RP_CHECKSUM_NONE, packet->verdict == RP_PACKET_OK);
	free(copy);
}

TEST(every_cut)
{
	struct rp_packet packet;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];

		if (v->verdict == RP_PACKET_OTHER)
			continue;
		for (size_t n = 0; n < v->cut; n++) {
			parse_anything(v->bytes, n, &packet);
			assert_int_equal(packet.verdict, RP_PACKET_TRUNCATED);
		}
	}
}

/* One byte at a time takes each of eight values that lengths, kinds and flags are likely to trip over. */
TEST(every_byte_damaged)
{
	static const uint8_t values[] = {0, 1, 2, 0x40, 0x4f, 0x7f, 0xf0, 0xff};
	uint8_t bytes[256];
	struct rp_packet packet;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];

		assert_true(v->length <= sizeof(bytes));
		for (size_t at = 0; at < v->length; at++) {
			for (size_t k = 0; k < LENGTH_OF(values); k++) {
				memcpy(bytes, v->bytes, v->length);
				bytes[at] = values[k];
				parse_anything(bytes, v->length, &packet);
			}
		}
	}
}

TEST(noise)
{
	uint8_t bytes[96];
	struct rp_packet packet;
	struct rng rng;

	rng_init(&rng, 3);
	for (int i = 0; i < 20000; i++) {
		size_t length = (size_t)rng_below(&rng, sizeof(bytes) + 1);

		for (size_t at = 0; at < sizeof(bytes); at++)
			bytes[at] = (uint8_t)rng_next(&rng);
		/* Most would fail in the first byte: let them look like packets with a quote. */
		bytes[0] = (uint8_t)(0x45 + rng_below(&rng, 3));
		bytes[2] = 0;
		bytes[9] = rng_below(&rng, 2) ? RP_PROTOCOL_ICMP : RP_PROTOCOL_TCP;
		bytes[6] = bytes[7] = 0;
		bytes[20] = rng_below(&rng, 2) ? RP_ICMP_TIME_EXCEEDED : RP_ICMP_DESTINATION_UNREACHABLE;
		bytes[28] = (uint8_t)(0x45 + rng_below(&rng, 11));
		parse_anything(bytes, length, &packet);
	}
}

/* The flip of one bit anywhere in an ICMP message or a TCP segment is seen. */
TEST(every_bit_flip_is_bad)
{
	uint8_t bytes[256];
	struct rp_packet packet;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];

		if (v->checksum != RP_CHECKSUM_GOOD)
			continue;
		for (size_t bit = v->ip.header_length * 8U; bit < v->cut * 8; bit++) {
			memcpy(bytes, v->bytes, v->length);
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			rp_packet_parse(&packet, bytes, v->length);
			assert_true(packet.verdict != RP_PACKET_OK || packet.checksum == RP_CHECKSUM_BAD);
		}
	}
}

TEST(nothing)
{
	struct rp_packet packet;

	rp_packet_parse(&packet, NULL, 0);
	assert_int_equal(packet.verdict, RP_PACKET_TRUNCATED);
	assert_int_equal(packet.ip.source.family, RP_FAMILY_NONE);
}
