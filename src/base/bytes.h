/* SPDX-License-Identifier: MIT */
/*
 * Bounded reading and writing of bytes in network order.
 *
 * Foreign bytes are read through `struct reader` only. A read past the end gives zero and sets `failed`,
 * which stays set, so a parser checks once at the end of a group of fields. Writing is the same.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

struct reader reader_of(const void *bytes, size_t length);
size_t reader_left(const struct reader *reader);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);

/* The next `length` bytes, which stay where they are; NULL (and failed) when they are not all there. */
const uint8_t *reader_take(struct reader *reader, size_t length);

/* An option of an IPv4 or TCP header: types 0 (the end) and 1 (no operation) are one byte, all others have a length. */
struct option {
	const uint8_t *bytes; /* from the type on */
	uint8_t type;
	uint8_t length;     /* as it says of itself; 0 of the two without */
	bool cut;           /* no such length is possible, or not all of it is there: it is the last one */
	struct reader body; /* behind type and length */
};

/* Takes the next option. False: there is none. */
bool reader_option(struct reader *reader, struct option *option);

struct writer {
	uint8_t *start;
	uint8_t *at;
	uint8_t *end;
	bool failed;
};

struct writer writer_of(void *bytes, size_t capacity);
size_t writer_length(const struct writer *writer);

/* Room for the next `length` bytes, to be filled by the caller; NULL when there is none, or when `length` is 0. */
uint8_t *writer_take(struct writer *writer, size_t length);
void writer_u8(struct writer *writer, uint8_t value);
void writer_u16(struct writer *writer, uint16_t value);
void writer_u32(struct writer *writer, uint32_t value);

/* `bytes` may lie in the writer's own room, even where they are to stand. */
void writer_bytes(struct writer *writer, const void *bytes, size_t length);
void writer_fill(struct writer *writer, uint8_t value, size_t length);

/* Into room that was taken, at once for all fields of a header; where the next field goes. */
static inline uint8_t *put_u8(uint8_t *at, uint8_t value)
{
	at[0] = value;
	return at + 1;
}

static inline uint8_t *put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static inline uint8_t *put_u32(uint8_t *at, uint32_t value)
{
	return put_u16(put_u16(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

#endif
