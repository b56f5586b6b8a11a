/* SPDX-License-Identifier: MIT */
/*
 * The one place where foreign bytes are touched. Failure moves the cursor to the end (reader) or stops it
 * (writer), so nothing after a failed access can succeed by being smaller.
 */
#include <string.h>

#include "base/bytes.h"

struct reader reader_of(const void *bytes, size_t length)
{
	const uint8_t *start = bytes;

	return (struct reader){.at = start, .end = length ? start + length : start};
}

size_t reader_left(const struct reader *reader)
{
	return (size_t)(reader->end - reader->at);
}

const uint8_t *reader_take(struct reader *reader, size_t length)
{
	const uint8_t *taken = reader->at;

	if (reader->failed || length > reader_left(reader)) {
		reader->failed = true;
		reader->at = reader->end;
		return NULL;
	}
	if (length)
		reader->at += length;
	return taken;
}

uint8_t reader_u8(struct reader *reader)
{
	const uint8_t *p = reader_take(reader, 1);

	return p ? p[0] : 0;
}

uint16_t reader_u16(struct reader *reader)
{
	const uint8_t *p = reader_take(reader, 2);

	return (uint16_t)(p ? p[0] << 8 | p[1] : 0);
}

uint32_t reader_u32(struct reader *reader)
{
	const uint8_t *p = reader_take(reader, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

bool reader_option(struct reader *reader, struct option *option)
{
	const uint8_t *body = NULL;

	*option = (struct option){.bytes = reader->at};
	option->type = reader_u8(reader);
	if (reader->failed || option->type == 1)
		return !reader->failed;
	if (option->type != 0) {
		option->length = reader_u8(reader);
		body = option->length >= 2 ? reader_take(reader, option->length - 2U) : NULL;
		option->cut = body == NULL;
	}
	if (body != NULL)
		option->body = reader_of(body, option->length - 2U);
	else
		reader->at = reader->end;
	return true;
}

struct writer writer_of(void *bytes, size_t capacity)
{
	uint8_t *start = bytes;

	return (struct writer){.start = start, .at = start, .end = capacity ? start + capacity : start};
}

size_t writer_length(const struct writer *writer)
{
	return (size_t)(writer->at - writer->start);
}

uint8_t *writer_take(struct writer *writer, size_t length)
{
	uint8_t *room = writer->at;

	if (writer->failed || length > (size_t)(writer->end - writer->at)) {
		writer->failed = true;
		return NULL;
	}
	if (length == 0)
		return NULL;
	writer->at += length;
	return room;
}

void writer_u8(struct writer *writer, uint8_t value)
{
	writer_bytes(writer, &value, 1);
}

void writer_u16(struct writer *writer, uint16_t value)
{
	uint8_t *p = writer_take(writer, 2);

	if (p)
		put_u16(p, value);
}

void writer_u32(struct writer *writer, uint32_t value)
{
	uint8_t *p = writer_take(writer, 4);

	if (p)
		put_u32(p, value);
}

void writer_bytes(struct writer *writer, const void *bytes, size_t length)
{
	uint8_t *p = writer_take(writer, length);

	if (p)
		memmove(p, bytes, length);
}

void writer_fill(struct writer *writer, uint8_t value, size_t length)
{
	uint8_t *p = writer_take(writer, length);

	if (p)
		memset(p, value, length);
}
