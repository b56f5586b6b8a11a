/* SPDX-License-Identifier: MIT */
/* The keyed value by libsodium's SipHash-2-4. Its 8 bytes are read in network order, so it is the same number on
 * every machine. */
#include "probe/mac.h"

#include <sodium/crypto_shorthash_siphash24.h>

_Static_assert(COOKIE_KEY_SIZE == crypto_shorthash_siphash24_KEYBYTES, "the key is SipHash's");

uint64_t mac_make(const struct mac_key *key, const void *bytes, size_t length)
{
	uint8_t hash[crypto_shorthash_siphash24_BYTES];
	uint64_t value = 0;

	crypto_shorthash_siphash24(hash, bytes, length, key->bytes);
	for (unsigned i = 0; i < sizeof hash; i++)
		value = value << 8 | hash[i];
	return value;
}
