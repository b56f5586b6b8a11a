/* SPDX-License-Identifier: MIT */
/* RFC 1071's worked example (section 3), and the sums that scapy computes. */
#include "wire/checksum.h"

#include "vectors.h"

static const uint8_t rfc1071[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

TEST(rfc1071)
{
	assert_int_equal(checksum_fold(checksum_add(0, rfc1071, sizeof(rfc1071))), 0xddf2);
	assert_int_equal(checksum_fold(0x2ddf0), 0xddf2);
	assert_int_equal(checksum_finish(0x2ddf0), 0x220d);
}

TEST(scapy)
{
	for (size_t i = 0; i < LENGTH_OF(checksum_vectors); i++) {
		const struct checksum_vector *v = &checksum_vectors[i];
		uint8_t *copy = heap_copy(v->bytes, v->length);

		assert_int_equal(checksum_finish(checksum_add(0, copy, v->length)), v->checksum);
		for (size_t cut = 0; cut <= v->length; cut += 2)
			assert_int_equal(
				checksum_finish(checksum_add(checksum_add(0, copy, cut), copy + cut, v->length - cut)),
				v->checksum);
		free(copy);
	}
}

/* 2^32 is congruent to 1: a sum at the edge of its type carries around. */
TEST(carry)
{
	const uint8_t ones[] = {0xff, 0xff, 0x00, 0x01};

	assert_int_equal(checksum_fold(UINT32_MAX), 0xffff);
	assert_int_equal(checksum_fold(0xffff0001), 0x0001);
	assert_int_equal(checksum_fold(0), 0);
	assert_int_equal(checksum_fold(checksum_add(UINT32_MAX, ones, sizeof(ones))), 0x0001);
	assert_int_equal(checksum_add(UINT32_MAX, ones, 0), UINT32_MAX);
}

TEST(pseudo)
{
	struct rp_addr a = rp_addr_ipv4(0x0a000001), b = rp_addr_ipv4(0xc000024d);

	/* 0a00 + 0001 + c000 + 024d + 6 + 20 = cc68 */
	assert_int_equal(checksum_fold(checksum_pseudo(a, b, 6, 20)), 0xcc68);
	assert_int_equal(checksum_fold(checksum_pseudo(b, a, 6, 20)), 0xcc68);
	assert_int_equal(checksum_fold(checksum_pseudo(a, b, 6, 65535)), 0xcc54);
}
