/* SPDX-License-Identifier: MIT */
/*
 * The layout of the TCP header and of the options of a SYN. Options are foreign in kind, in length and in
 * number: each is read inside the bounds of its own length, and that inside the bounds of the header.
 */
#include "wire/checksum.h"
#include "wire/tcp.h"

#define CHECKSUM_AT 16

enum option_kind {
	OPTION_NO_OPERATION = 1,
	OPTION_MSS = 2,            /* RFC 9293 */
	OPTION_WINDOW_SCALE = 3,   /* RFC 7323 */
	OPTION_SACK_PERMITTED = 4, /* RFC 2018 */
	OPTION_TIMESTAMPS = 8,     /* RFC 7323 */
};

enum option_length {
	MSS_LENGTH = 4,
	WINDOW_SCALE_LENGTH = 3,
	SACK_PERMITTED_LENGTH = 2,
	TIMESTAMPS_LENGTH = 10,
};

static uint8_t *put_option(uint8_t *at, enum option_kind kind, enum option_length length)
{
	return put_u8(put_u8(at, (uint8_t)kind), (uint8_t)length);
}

static uint8_t *put_two_no_operations(uint8_t *at)
{
	return put_u8(put_u8(at, OPTION_NO_OPERATION), OPTION_NO_OPERATION);
}

/* Every group starts and ends on a multiple of 4; "SACK permitted" fills the gap before the time stamps. */
static size_t options_length(const struct rp_tcp *tcp)
{
	size_t sack_and_timestamps = tcp->has_timestamps ? 12 : tcp->sack_permitted ? 4 : 0;

	return (tcp->has_mss ? 4U : 0U) + sack_and_timestamps + (tcp->has_window_scale ? 4U : 0U);
}

static void put_options(uint8_t *at, const struct rp_tcp *tcp)
{
	if (tcp->has_mss)
		at = put_u16(put_option(at, OPTION_MSS, MSS_LENGTH), tcp->mss);
	if (tcp->sack_permitted != tcp->has_timestamps)
		at = put_two_no_operations(at);
	if (tcp->sack_permitted)
		at = put_option(at, OPTION_SACK_PERMITTED, SACK_PERMITTED_LENGTH);
	if (tcp->has_timestamps) {
		at = put_u32(put_option(at, OPTION_TIMESTAMPS, TIMESTAMPS_LENGTH), tcp->timestamp_value);
		at = put_u32(at, tcp->timestamp_echo);
	}
	if (tcp->has_window_scale) {
		at = put_u8(at, OPTION_NO_OPERATION);
		put_u8(put_option(at, OPTION_WINDOW_SCALE, WINDOW_SCALE_LENGTH), tcp->window_scale);
	}
}

void tcp_put(struct writer *writer, const struct rp_tcp *tcp, struct rp_addr source, struct rp_addr destination,
	     const void *payload, size_t length)
{
	size_t header_length = TCP_HEADER_MIN + options_length(tcp);
	uint8_t *header = writer_take(writer, header_length);

	writer_bytes(writer, payload, length);
	if (writer->failed)
		return;
	uint8_t *at = put_u16(header, tcp->source_port);
	at = put_u16(at, tcp->destination_port);
	at = put_u32(at, tcp->sequence);
	at = put_u32(at, tcp->acknowledgment);
	at = put_u8(at, (uint8_t)(header_length / 4 << 4));
	at = put_u8(at, tcp->flags);
	at = put_u16(at, tcp->window);
	at = put_u16(at, 0);
	at = put_u16(at, tcp->urgent_pointer);
	put_options(at, tcp);
	uint32_t sum = checksum_pseudo(source, destination, RP_PROTOCOL_TCP, header_length + length);
	put_u16(header + CHECKSUM_AT, checksum_finish(checksum_add(sum, header, header_length + length)));
}

/* A length that is not the option's own means nothing to us. */
static void parse_option(struct rp_tcp *tcp, const struct option *option)
{
	struct reader value = option->body;

	if (option->type == OPTION_MSS && option->length == MSS_LENGTH) {
		tcp->has_mss = true;
		tcp->mss = reader_u16(&value);
	} else if (option->type == OPTION_WINDOW_SCALE && option->length == WINDOW_SCALE_LENGTH) {
		tcp->has_window_scale = true;
		tcp->window_scale = reader_u8(&value);
	} else if (option->type == OPTION_SACK_PERMITTED && option->length == SACK_PERMITTED_LENGTH) {
		tcp->sack_permitted = true;
	} else if (option->type == OPTION_TIMESTAMPS && option->length == TIMESTAMPS_LENGTH) {
		tcp->has_timestamps = true;
		tcp->timestamp_value = reader_u32(&value);
		tcp->timestamp_echo = reader_u32(&value);
	}
}

static void parse_options(struct rp_tcp *tcp)
{
	struct reader reader = reader_of(tcp->options, tcp->options_length);
	struct option option;

	while (reader_option(&reader, &option))
		if (!option.cut)
			parse_option(tcp, &option);
}

enum rp_verdict tcp_parse(struct reader *reader, struct rp_tcp *tcp)
{
	*tcp = (struct rp_tcp){0};
	tcp->source_port = reader_u16(reader);
	tcp->destination_port = reader_u16(reader);
	tcp->sequence = reader_u32(reader);
	tcp->acknowledgment = reader_u32(reader);
	tcp->header_length = (uint8_t)((reader_u8(reader) >> 4) * 4);
	tcp->flags = reader_u8(reader);
	tcp->window = reader_u16(reader);
	tcp->checksum = reader_u16(reader);
	tcp->urgent_pointer = reader_u16(reader);
	if (reader->failed)
		return RP_PACKET_TRUNCATED;
	if (tcp->header_length < TCP_HEADER_MIN)
		return RP_PACKET_MALFORMED;
	if (tcp->header_length == TCP_HEADER_MIN)
		return RP_PACKET_OK;
	tcp->options = reader_take(reader, tcp->header_length - TCP_HEADER_MIN);
	if (!tcp->options)
		return RP_PACKET_TRUNCATED;
	tcp->options_length = (uint8_t)(tcp->header_length - TCP_HEADER_MIN);
	parse_options(tcp);
	return RP_PACKET_OK;
}
