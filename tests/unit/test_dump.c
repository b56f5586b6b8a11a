/* SPDX-License-Identifier: MIT */
/* The expected rows were printed by tcpdump -X (4.99) for the same bytes. */
#include "unit.h"

#include "dissect/dump.h"

static const unsigned char packet[] = "\x45\x00\x00\x38\x00\x01\x00\x00\x40\x11\xae\x66\x0a\x00\x00\x01"
				      "\xc0\x00\x02\x4d\x00\x01\x00\x02\x00\x24\xad\xc9\x18\x19\x1a\x1b"
				      "\x1c\x1d\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27\x28\x29\x2a\x20"
				      "\x41\x7e\x7f\x80\xff\x20\x7a\x21";

static void check(const void *bytes, size_t length, const char *should)
{
	struct strbuf out;

	strbuf_init(&out);
	dump_hex(&out, bytes, length);
	assert_string_equal(out.text, should);
	strbuf_fini(&out);
}

TEST(tcpdump)
{
	check(packet, sizeof(packet) - 1,
	      "\t0x0000:  4500 0038 0001 0000 4011 ae66 0a00 0001  E..8....@..f....\n"
	      "\t0x0010:  c000 024d 0001 0002 0024 adc9 1819 1a1b  ...M.....$......\n"
	      "\t0x0020:  1c1d 1e1f 2021 2223 2425 2627 2829 2a20  .....!\"#$%&'()*.\n"
	      "\t0x0030:  417e 7f80 ff20 7a21                      A~....z!\n");
}

TEST(last_row)
{
	check(NULL, 0, "");
	check("\xc0\x00\x02\x4d\x61", 5, "\t0x0000:  c000 024d 61                             ...Ma\n");
	check("0123456789abcdef", 16, "\t0x0000:  3031 3233 3435 3637 3839 6162 6364 6566  0123456789abcdef\n");
	check("0123456789abcdefg", 17,
	      "\t0x0000:  3031 3233 3435 3637 3839 6162 6364 6566  0123456789abcdef\n"
	      "\t0x0010:  67                                       g\n");
}
