/* SPDX-License-Identifier: MIT */
/* Numbers in network order and the Internet checksum (RFC 1071), for what tests hold src/wire against: no code of it
 * is used. */
#ifndef TESTS_LIB_INET_H
#define TESTS_LIB_INET_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* The complement of the sum of 16-bit numbers, behind what was added up before. */
static inline uint16_t inet_sum(uint64_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint64_t)bytes[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

#endif
