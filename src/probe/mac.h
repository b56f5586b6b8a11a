/* SPDX-License-Identifier: MIT */
/* The keyed value that proves an answer: SipHash-2-4 under a key drawn for each run. */
#ifndef PROBE_MAC_H
#define PROBE_MAC_H

#include <string.h>

#include <rprobe/packet.h>

#define COOKIE_KEY_SIZE 16

struct mac_key {
	uint8_t bytes[COOKIE_KEY_SIZE];
};

/* 64 bits over `length` bytes of what the probe is. */
uint64_t mac_make(const struct mac_key *key, const void *bytes, size_t length);

/* Of an address what tells it from others of its family; how many bytes. */
static inline size_t mac_put_address(uint8_t *at, const struct rp_addr *address)
{
	size_t length = address->family == RP_FAMILY_IPV4 ? 4 : sizeof address->bytes;

	memcpy(at, address->bytes, sizeof address->bytes);
	return length;
}

#endif
