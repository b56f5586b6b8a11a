/* SPDX-License-Identifier: MIT */
/* IPv4 headers against scapy's. */
#include "wire/ipv4.h"

#include "vectors.h"

TEST(put)
{
	size_t tried = 0;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];
		struct rp_ipv4 ip = v->ip;
		uint8_t room[IPV4_HEADER_MAX];
		struct writer writer = writer_of(room, v->ip.header_length);
		struct writer small = writer_of(room, v->ip.header_length - 1U);

		ip.header_length = 0;
		ip.header_checksum = 0xffff;
		ip.options = v->bytes + IPV4_HEADER_MIN;
		ipv4_put(&small, &ip);
		assert_true(small.failed);
		ipv4_put(&writer, &ip);
		assert_false(writer.failed);
		assert_int_equal(writer_length(&writer), v->ip.header_length);
		assert_memory_equal(room, v->bytes, v->ip.header_length);
		tried++;
	}
	assert_true(tried > 10);
}

TEST(put_options)
{
	static const uint8_t options[41] = {7, 5, 4, 0, 0};
	uint8_t room[IPV4_HEADER_MAX + 4];
	const uint8_t padded[8] = {7, 5, 4, 0, 0, 0, 0, 0};
	struct rp_ipv4 ip = {.options = options, .options_length = 5};
	struct writer writer = writer_of(room, sizeof(room));

	memset(room, 0x55, sizeof(room));
	ipv4_put(&writer, &ip);
	assert_int_equal(writer_length(&writer), 28);
	assert_int_equal(room[0], 0x47);
	assert_memory_equal(room + 20, padded, sizeof(padded));

	ip.options_length = 40;
	writer = writer_of(room, sizeof(room));
	ipv4_put(&writer, &ip);
	assert_int_equal(room[0], 0x4f);
	assert_int_equal(writer_length(&writer), 60);
	ip.options_length = 41;
	writer = writer_of(room, sizeof(room));
	ipv4_put(&writer, &ip);
	assert_true(writer.failed);
	assert_int_equal(writer_length(&writer), 0);
}

/* A writer that already holds something: the checksum is put into this header and no other. */
TEST(put_behind)
{
	const struct packet_vector *v = &packet_vectors[0];
	uint8_t room[64];
	struct writer writer = writer_of(room, sizeof(room));

	writer_fill(&writer, 0xaa, 14);
	ipv4_put(&writer, &v->ip);
	assert_int_equal(room[13], 0xaa);
	assert_memory_equal(room + 14, v->bytes, v->ip.header_length);
}

TEST(parse)
{
	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];
		uint8_t *copy = heap_copy(v->bytes, v->length);
		struct reader reader = reader_of(copy, v->length);
		struct rp_ipv4 ip;

		assert_int_equal(ipv4_parse(&reader, &ip), RP_PACKET_OK);
		assert_ipv4_equal(&ip, &v->ip);
		assert_int_equal(reader_left(&reader), v->length - v->ip.header_length);
		if (ip.options)
			assert_ptr_equal(ip.options, copy + IPV4_HEADER_MIN);
		free(copy);
	}
}

TEST(parse_short)
{
	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		for (size_t n = 0; n < packet_vectors[i].ip.header_length; n++) {
			uint8_t *copy = heap_copy(packet_vectors[i].bytes, n);
			struct reader reader = reader_of(copy, n);
			struct rp_ipv4 ip;

			assert_int_equal(ipv4_parse(&reader, &ip), RP_PACKET_TRUNCATED);
			free(copy);
		}
	}
}
