/* SPDX-License-Identifier: MIT */
/* Ones' complement arithmetic on 16-bit words in network order. */
#include "wire/checksum.h"

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t length)
{
	const uint8_t *p = bytes;
	uint64_t total = sum;

	/* Two words at once: in this arithmetic 2^16 equals 1, so the upper one counts as what it is. */
	for (; length > 3; length -= 4, p += 4)
		total += (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	for (; length > 1; length -= 2, p += 2)
		total += (uint32_t)(p[0] << 8 | p[1]);
	if (length)
		total += (uint32_t)(p[0] << 8);
	/* So does 2^32: the carry is added at the bottom. */
	while (total >> 32)
		total = (total & UINT32_MAX) + (total >> 32);
	return (uint32_t)total;
}

uint16_t checksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint16_t checksum_finish(uint32_t sum)
{
	return (uint16_t)~checksum_fold(sum);
}

uint32_t checksum_pseudo(struct rp_addr source, struct rp_addr destination, uint8_t protocol, size_t length)
{
	const uint8_t rest[] = {0, protocol, (uint8_t)(length >> 8), (uint8_t)length};
	uint32_t sum = checksum_add(0, source.bytes, 4);

	sum = checksum_add(sum, destination.bytes, 4);
	return checksum_add(sum, rest, sizeof rest);
}
