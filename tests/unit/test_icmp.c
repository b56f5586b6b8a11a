/* SPDX-License-Identifier: MIT */
/* ICMP messages against scapy's. */
#include "wire/icmp.h"

#include "vectors.h"

static void put(struct writer *writer, const struct packet_vector *v, const uint8_t *payload)
{
	icmp_put_echo(writer, &v->icmp, payload, v->payload_length);
}

TEST(put_echo)
{
	assert_true(assert_put(packet_vectors, LENGTH_OF(packet_vectors), RP_PROTOCOL_ICMP, put) >= 5);
}

TEST(parse)
{
	size_t tried = 0;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];
		struct reader reader = reader_of(v->bytes + v->ip.header_length, v->length - v->ip.header_length);
		struct rp_icmp icmp;

		if (v->ip.protocol != RP_PROTOCOL_ICMP || v->ip.fragment_offset > 0)
			continue;
		assert_int_equal(icmp_parse(&reader, &icmp), RP_PACKET_OK);
		assert_icmp_equal(&icmp, &v->icmp);
		tried++;
	}
	assert_true(tried > 20);
}

TEST(parse_short)
{
	for (size_t n = 0; n < ICMP_HEADER_SIZE; n++) {
		uint8_t *copy = heap_copy(packet_vectors[0].bytes + 20, n);
		struct reader reader = reader_of(copy, n);
		struct rp_icmp icmp;

		assert_int_equal(icmp_parse(&reader, &icmp), RP_PACKET_TRUNCATED);
		assert_int_equal(icmp.type, n ? RP_ICMP_ECHO : 0);
		assert_int_equal(icmp.identifier, 0);
		free(copy);
	}
}

/* RFC 792 page by page: what carries "Internet Header + 64 bits of Original Data Datagram". */
TEST(is_error)
{
	for (int type = 0; type < 256; type++) {
		struct rp_icmp icmp = {.type = (uint8_t)type};

		assert_int_equal(icmp_is_error(&icmp), type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
	}
}
