/* SPDX-License-Identifier: MIT */
/* The rows of `tcpdump -X`: what people and scripts know how to read. */
#include <stdint.h>

#include "dissect/dump.h"

#define ROW       16
#define HEX_WIDTH 40 /* 8 pairs of bytes, a blank before each */

void dump_hex(struct strbuf *out, const void *bytes, size_t length)
{
	const uint8_t *p = bytes;

	for (size_t row = 0; row < length; row += ROW) {
		size_t n = length - row < ROW ? length - row : ROW;
		size_t hex = n * 2 + (n + 1) / 2;

		strbuf_addf(out, "\t0x%04zx: ", row);
		for (size_t i = 0; i < n; i++)
			strbuf_addf(out, i % 2 ? "%02x" : " %02x", p[row + i]);
		strbuf_add_padded(out, "", HEX_WIDTH - hex + 2);
		for (size_t i = 0; i < n; i++)
			strbuf_add_char(out, p[row + i] > ' ' && p[row + i] < 0x7f ? (char)p[row + i] : '.');
		strbuf_add_char(out, '\n');
	}
}
