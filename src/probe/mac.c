/* SPDX-License-Identifier: MIT */
/*
 * Hides which keyed hash proves our probes: libsodium's SipHash-2-4. Its 8 bytes are read in network
 * order, so that a cookie is the same number on every machine.
 */
#include "probe/mac.h"

#include <sodium/crypto_shorthash_siphash24.h>

#include "base/bytes.h"

_Static_assert(COOKIE_KEY_SIZE == crypto_shorthash_siphash24_KEYBYTES, "the key is SipHash's");

uint64_t mac_make(const struct mac_key *key, const void *bytes, size_t length)
{
	uint8_t hash[crypto_shorthash_siphash24_BYTES];

	crypto_shorthash_siphash24(hash, bytes, length, key->bytes);
	struct reader reader = reader_of(hash, sizeof hash);
	uint64_t high = reader_u32(&reader);
	return high << 32 | reader_u32(&reader);
}
