/* SPDX-License-Identifier: MIT */
/* The keyed value against the worked example of the SipHash paper (Aumasson and Bernstein, appendix A). */
#include "unit.h"

#include "probe/mac.h"

TEST(paper_example)
{
	struct mac_key key;
	uint8_t message[15];

	for (uint8_t i = 0; i < sizeof key.bytes; i++)
		key.bytes[i] = i;
	for (uint8_t i = 0; i < sizeof message; i++)
		message[i] = i;
	/* 0xa129ca6149be45e5 little endian, read in network order */
	assert_int_equal(mac_make(&key, message, sizeof message), UINT64_C(0xe545be4961ca29a1));
}
