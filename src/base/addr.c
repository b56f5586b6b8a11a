/* SPDX-License-Identifier: MIT */
/*
 * Addresses as values: the IPv4 form of rp_addr, and its text. Unused bytes are always zero, so that equality
 * is equality of bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rprobe/packet.h>

struct rp_addr rp_addr_ipv4(uint32_t value)
{
	struct rp_addr address = {.family = RP_FAMILY_IPV4};

	for (int i = 0; i < 4; i++)
		address.bytes[i] = (uint8_t)(value >> (24 - 8 * i));
	return address;
}

uint32_t rp_addr_ipv4_value(struct rp_addr address)
{
	const uint8_t *p = address.bytes;

	if (address.family != RP_FAMILY_IPV4)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool rp_addr_equal(struct rp_addr a, struct rp_addr b)
{
	return a.family == b.family && memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

/* A leading zero is refused: it means octal to some readers and nothing to others. */
int rp_addr_parse(const char *text, struct rp_addr *address)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		unsigned byte = 0;
		int digits = 0;

		if (i > 0 && *text++ != '.')
			return -EINVAL;
		for (; *text >= '0' && *text <= '9'; text++, digits++) {
			if (digits > 0 && byte == 0)
				return -EINVAL;
			byte = byte * 10 + (unsigned)(*text - '0');
			if (byte > 255)
				return -EINVAL;
		}
		if (digits == 0)
			return -EINVAL;
		value = value << 8 | byte;
	}
	if (*text != '\0')
		return -EINVAL;
	*address = rp_addr_ipv4(value);
	return 0;
}

const char *rp_addr_format(struct rp_addr address, char text[RP_ADDR_TEXT_SIZE])
{
	const uint8_t *o = address.bytes;

	if (address.family == RP_FAMILY_IPV4)
		snprintf(text, RP_ADDR_TEXT_SIZE, "%u.%u.%u.%u", o[0], o[1], o[2], o[3]);
	else
		snprintf(text, RP_ADDR_TEXT_SIZE, "-");
	return text;
}
