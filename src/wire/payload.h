/* SPDX-License-Identifier: MIT */
/* What fills the payload of a probe, behind what names it: bytes that count up, or the config's pattern, repeated. */
#ifndef WIRE_PAYLOAD_H
#define WIRE_PAYLOAD_H

#include <rprobe/config.h>

/* The bytes from offset `at` on. */
static inline void payload_fill(const struct rp_config *config, size_t at, uint8_t *bytes, size_t length)
{
	const size_t period = config->pattern_length;

	for (size_t i = 0; i < length; i++)
		bytes[i] = period > 0 ? config->pattern[(at + i) % period] : (uint8_t)(at + i);
}

#endif
