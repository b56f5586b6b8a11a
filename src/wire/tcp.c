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

static void put_option(struct writer *writer, enum option_kind kind, enum option_length length)
{
	writer_u8(writer, (uint8_t)kind);
	writer_u8(writer, (uint8_t)length);
}

/* Every group starts and ends on a multiple of 4; "SACK permitted" fills the gap before the time stamps. */
static void put_options(struct writer *writer, const struct rp_tcp *tcp)
{
	if (tcp->has_mss) {
		put_option(writer, OPTION_MSS, MSS_LENGTH);
		writer_u16(writer, tcp->mss);
	}
	if (tcp->sack_permitted || tcp->has_timestamps) {
		if (!tcp->sack_permitted || !tcp->has_timestamps)
			writer_fill(writer, OPTION_NO_OPERATION, 2);
		if (tcp->sack_permitted)
			put_option(writer, OPTION_SACK_PERMITTED, SACK_PERMITTED_LENGTH);
	}
	if (tcp->has_timestamps) {
		put_option(writer, OPTION_TIMESTAMPS, TIMESTAMPS_LENGTH);
		writer_u32(writer, tcp->timestamp_value);
		writer_u32(writer, tcp->timestamp_echo);
	}
	if (tcp->has_window_scale) {
		writer_u8(writer, OPTION_NO_OPERATION);
		put_option(writer, OPTION_WINDOW_SCALE, WINDOW_SCALE_LENGTH);
		writer_u8(writer, tcp->window_scale);
	}
}

void tcp_put(struct writer *writer, const struct rp_tcp *tcp, struct rp_addr source, struct rp_addr destination,
	     const void *payload, size_t length)
{
	uint8_t bytes[TCP_HEADER_MAX - TCP_HEADER_MIN];
	struct writer options = writer_of(bytes, sizeof(bytes));
	uint8_t *header = writer->at;
	struct writer field;
	size_t header_length;
	uint32_t sum;

	put_options(&options, tcp);
	header_length = TCP_HEADER_MIN + writer_length(&options);

	writer_u16(writer, tcp->source_port);
	writer_u16(writer, tcp->destination_port);
	writer_u32(writer, tcp->sequence);
	writer_u32(writer, tcp->acknowledgment);
	writer_u8(writer, (uint8_t)(header_length / 4 << 4));
	writer_u8(writer, tcp->flags);
	writer_u16(writer, tcp->window);
	writer_u16(writer, 0);
	writer_u16(writer, tcp->urgent_pointer);
	writer_bytes(writer, bytes, writer_length(&options));
	writer_bytes(writer, payload, length);
	if (writer->failed)
		return;
	sum = checksum_pseudo(source, destination, RP_PROTOCOL_TCP, header_length + length);
	field = writer_of(header + CHECKSUM_AT, 2);
	writer_u16(&field, checksum_finish(checksum_add(sum, header, header_length + length)));
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
