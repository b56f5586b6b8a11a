/* SPDX-License-Identifier: MIT */
/* TCP segments against scapy's, and options that lie about their length. */
#include "wire/tcp.h"

#include "vectors.h"

/* Lengths and sums are found, not believed. */
static void put(struct writer *writer, const struct packet_vector *v, const uint8_t *payload)
{
	struct rp_tcp tcp = v->tcp;

	tcp.header_length = 0;
	tcp.checksum = 0x5555;
	tcp_put(writer, &tcp, v->ip.source, v->ip.destination, payload, v->payload_length);
}

TEST(put)
{
	assert_true(assert_put(packet_vectors, LENGTH_OF(packet_vectors), RP_PROTOCOL_TCP, put) >= 6);
}

/* Every choice of options makes whole words and reads back as it was. */
TEST(put_every_choice)
{
	struct rp_addr a = rp_addr_ipv4(1), b = rp_addr_ipv4(2);

	for (unsigned choice = 0; choice < 16; choice++) {
		struct rp_tcp tcp = {.source_port = 1, .flags = RP_TCP_SYN}, back;
		uint8_t room[TCP_HEADER_MAX];
		struct writer writer = writer_of(room, sizeof(room));
		struct reader reader;

		tcp.has_mss = choice & 1;
		tcp.mss = tcp.has_mss ? 0x1234 : 0;
		tcp.sack_permitted = choice & 2;
		tcp.has_timestamps = choice & 4;
		tcp.timestamp_value = tcp.has_timestamps ? 0xa1b2c3d4 : 0;
		tcp.timestamp_echo = tcp.has_timestamps ? 0x01020304 : 0;
		tcp.has_window_scale = choice & 8;
		tcp.window_scale = tcp.has_window_scale ? 14 : 0;
		tcp_put(&writer, &tcp, a, b, NULL, 0);
		assert_int_equal(writer_length(&writer) % 4, 0);

		reader = reader_of(room, writer_length(&writer));
		assert_int_equal(tcp_parse(&reader, &back), RP_PACKET_OK);
		tcp.header_length = (uint8_t)writer_length(&writer);
		tcp.checksum = back.checksum;
		tcp.options = room;
		tcp.options_length = (uint8_t)(tcp.header_length - TCP_HEADER_MIN);
		assert_int_equal(reader_left(&reader), 0);
		assert_int_equal(back.options_length, tcp.options_length);
		if (choice)
			assert_tcp_equal(&back, &tcp);
	}
}

TEST(parse)
{
	size_t tried = 0;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];
		struct reader reader = reader_of(v->bytes + v->ip.header_length, v->length - v->ip.header_length);
		struct rp_tcp tcp;

		if (v->ip.protocol != RP_PROTOCOL_TCP)
			continue;
		assert_int_equal(tcp_parse(&reader, &tcp), RP_PACKET_OK);
		assert_tcp_equal(&tcp, &v->tcp);
		tried++;
	}
	assert_true(tried > 12);
}

/* Parses a header with these options. */
static enum rp_verdict parse_with(const uint8_t *options, size_t length, struct rp_tcp *tcp)
{
	uint8_t bytes[TCP_HEADER_MAX] = {0};
	uint8_t *copy;
	struct reader reader;
	enum rp_verdict verdict;

	bytes[12] = (uint8_t)((TCP_HEADER_MIN + length) / 4 << 4);
	memcpy(bytes + TCP_HEADER_MIN, options, length);
	copy = heap_copy(bytes, TCP_HEADER_MIN + length);
	reader = reader_of(copy, TCP_HEADER_MIN + length);
	verdict = tcp_parse(&reader, tcp);
	free(copy);
	return verdict;
}

TEST(bad_options)
{
	/* What stands before the first bad option counts, what stands behind it does not. */
	static const struct {
		uint8_t options[8];
		bool mss, scale;
	} cases[] = {
		{{2, 4, 5, 180, 3, 3, 7, 0}, true, true},
		{{2, 4, 5, 180, 0, 3, 3, 7}, true, false},    /* end of list */
		{{2, 4, 5, 180, 1, 1, 1, 3}, true, false},    /* kind without a length */
		{{2, 4, 5, 180, 9, 0, 3, 3}, true, false},    /* length 0 */
		{{9, 0, 2, 4, 5, 180, 0, 0}, false, false},   /* length 0, first */
		{{9, 1, 2, 4, 5, 180, 0, 0}, false, false},   /* length 1 */
		{{2, 1, 2, 4, 5, 180, 0, 0}, false, false},   /* length 1 of a known kind */
		{{2, 4, 5, 180, 3, 3, 7, 3}, true, true},     /* kind without a length, behind both */
		{{1, 1, 1, 1, 3, 5, 7, 0}, false, false},     /* one byte over the end */
		{{1, 1, 1, 1, 2, 255, 5, 180}, false, false}, /* far over the end */
		{{1, 1, 1, 1, 1, 3, 3, 7}, false, true},      /* up to the last byte */
		{{1, 1, 1, 1, 1, 1, 2, 4}, false, false},     /* value missing */
		{{2, 3, 5, 3, 3, 7, 0, 0}, false, true},      /* a length that is not the MSS's: skipped */
		{{2, 5, 5, 180, 1, 3, 3, 7}, false, true},
		{{9, 2, 9, 2, 9, 2, 9, 2}, false, false},
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct rp_tcp tcp;

		assert_int_equal(parse_with(cases[i].options, sizeof(cases[i].options), &tcp), RP_PACKET_OK);
		assert_int_equal(tcp.has_mss, cases[i].mss);
		assert_int_equal(tcp.mss, cases[i].mss ? 1460 : 0);
		assert_int_equal(tcp.has_window_scale, cases[i].scale);
		assert_int_equal(tcp.window_scale, cases[i].scale ? 7 : 0);
		assert_int_equal(tcp.options_length, 8);
	}
}

/* Each pair of bytes as the last option of a header: nothing is read behind the header. */
TEST(every_tail)
{
	uint8_t options[4] = {1, 1};
	struct rp_tcp tcp;

	for (unsigned tail = 0; tail < 65536; tail++) {
		options[2] = (uint8_t)(tail >> 8);
		options[3] = (uint8_t)tail;
		assert_int_equal(parse_with(options, sizeof(options), &tcp), RP_PACKET_OK);
		assert_int_equal(tcp.sack_permitted, tail == 0x0402);
		assert_false(tcp.has_mss || tcp.has_window_scale || tcp.has_timestamps);
	}
}

TEST(parse_short)
{
	uint8_t bytes[TCP_HEADER_MAX] = {0x12, 0x34, 0x56, 0x78, 1, 2, 3, 4};

	bytes[12] = 0xf0;
	for (size_t n = 0; n < sizeof(bytes); n++) {
		uint8_t *copy = heap_copy(bytes, n);
		struct reader reader = reader_of(copy, n);
		struct rp_tcp tcp;

		assert_int_equal(tcp_parse(&reader, &tcp), RP_PACKET_TRUNCATED);
		assert_int_equal(tcp.source_port, n >= 2 ? 0x1234 : 0);
		assert_int_equal(tcp.sequence, n >= 8 ? 0x01020304 : 0);
		assert_null(tcp.options);
		free(copy);
	}
}
