/* SPDX-License-Identifier: MIT */
/* The shape of the test vectors in vectors.h, and how a decoded packet is compared with one. */
#ifndef UNIT_VECTOR_H
#define UNIT_VECTOR_H

#include "unit.h"

#include <rprobe/packet.h>

#include "base/bytes.h"

#define IPV4(a, b, c, d)                                                                                               \
	{                                                                                                              \
		.family = RP_FAMILY_IPV4, .bytes = { a, b, c, d }                                                      \
	}

/* Pointers of the structures are not set; `..._at` are offsets into `bytes`, 0 for a NULL pointer. */
struct quote_vector {
	struct rp_ipv4 ip;
	struct rp_icmp icmp;
	struct rp_tcp tcp;
	size_t at, length; /* length 0: not present */
	size_t payload_at, payload_length;
};

struct packet_vector {
	const char *name;
	const uint8_t *bytes;
	size_t length;
	enum rp_verdict verdict;
	enum rp_checksum checksum;
	bool put;   /* our builder makes exactly these bytes */
	size_t cut; /* the length that counts */
	struct rp_ipv4 ip;
	struct rp_icmp icmp;
	struct rp_tcp tcp;
	struct quote_vector quote;
	size_t payload_at, payload_length;
};

struct verdict_vector {
	const char *name;
	const uint8_t *bytes;
	size_t length;
	enum rp_verdict verdict;
};

struct checksum_vector {
	const uint8_t *bytes;
	size_t length;
	uint16_t checksum;
};

/* A copy of exactly that size, so that a sanitizer sees one byte too many. */
static inline uint8_t *heap_copy(const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	return copy;
}

/* `put` makes exactly what follows the IPv4 header of each vector of that protocol that we can build, and fails where
 * there is room for an byte less; how many there are. */
static inline size_t assert_put(const struct packet_vector *vectors, size_t count, uint8_t protocol,
				void (*put)(struct writer *writer, const struct packet_vector *v,
					    const uint8_t *payload))
{
	size_t tried = 0;

	for (const struct packet_vector *v = vectors; v < vectors + count; v++) {
		size_t length = v->length - v->ip.header_length;
		const uint8_t *payload = v->payload_at ? v->bytes + v->payload_at : NULL;
		uint8_t room[128];
		struct writer writer = writer_of(room, length), small = writer_of(room, length - 1);

		if (!v->put || v->ip.protocol != protocol)
			continue;
		put(&small, v, payload);
		assert_true(small.failed);
		put(&writer, v, payload);
		assert_false(writer.failed);
		assert_int_equal(writer_length(&writer), length);
		assert_memory_equal(room, v->bytes + v->ip.header_length, length);
		tried++;
	}
	return tried;
}

static inline void assert_addr_equal(struct rp_addr a, struct rp_addr b)
{
	assert_int_equal(a.family, b.family);
	assert_memory_equal(a.bytes, b.bytes, sizeof(a.bytes));
}

static inline void assert_ipv4_equal(const struct rp_ipv4 *is, const struct rp_ipv4 *should)
{
	assert_int_equal(is->version, should->version);
	assert_int_equal(is->header_length, should->header_length);
	assert_int_equal(is->type_of_service, should->type_of_service);
	assert_int_equal(is->time_to_live, should->time_to_live);
	assert_int_equal(is->protocol, should->protocol);
	assert_int_equal(is->dont_fragment, should->dont_fragment);
	assert_int_equal(is->more_fragments, should->more_fragments);
	assert_int_equal(is->fragment_offset, should->fragment_offset);
	assert_int_equal(is->total_length, should->total_length);
	assert_int_equal(is->identification, should->identification);
	assert_int_equal(is->header_checksum, should->header_checksum);
	assert_addr_equal(is->source, should->source);
	assert_addr_equal(is->destination, should->destination);
	assert_int_equal(is->options_length, should->options_length);
	assert_int_equal(is->options != NULL, should->options_length > 0);
}

static inline void assert_icmp_equal(const struct rp_icmp *is, const struct rp_icmp *should)
{
	assert_int_equal(is->type, should->type);
	assert_int_equal(is->code, should->code);
	assert_int_equal(is->checksum, should->checksum);
	assert_int_equal(is->identifier, should->identifier);
	assert_int_equal(is->sequence, should->sequence);
	assert_int_equal(is->next_hop_mtu, should->next_hop_mtu);
	assert_int_equal(is->pointer, should->pointer);
	assert_addr_equal(is->gateway, should->gateway);
}

static inline void assert_tcp_equal(const struct rp_tcp *is, const struct rp_tcp *should)
{
	assert_int_equal(is->source_port, should->source_port);
	assert_int_equal(is->destination_port, should->destination_port);
	assert_int_equal(is->sequence, should->sequence);
	assert_int_equal(is->acknowledgment, should->acknowledgment);
	assert_int_equal(is->header_length, should->header_length);
	assert_int_equal(is->flags, should->flags);
	assert_int_equal(is->window, should->window);
	assert_int_equal(is->checksum, should->checksum);
	assert_int_equal(is->urgent_pointer, should->urgent_pointer);
	assert_int_equal(is->has_mss, should->has_mss);
	assert_int_equal(is->has_window_scale, should->has_window_scale);
	assert_int_equal(is->has_timestamps, should->has_timestamps);
	assert_int_equal(is->sack_permitted, should->sack_permitted);
	assert_int_equal(is->mss, should->mss);
	assert_int_equal(is->window_scale, should->window_scale);
	assert_int_equal(is->timestamp_value, should->timestamp_value);
	assert_int_equal(is->timestamp_echo, should->timestamp_echo);
	assert_int_equal(is->options_length, should->options_length);
	assert_int_equal(is->options != NULL, should->options_length > 0);
}

#endif
