/* SPDX-License-Identifier: MIT */
/* Bytes for people: offset, hexadecimal in pairs, ASCII; 16 a row, tcpdump's layout. */
#ifndef DISSECT_DUMP_H
#define DISSECT_DUMP_H

#include <stddef.h>

#include "base/strbuf.h"

void dump_hex(struct strbuf *out, const void *bytes, size_t length);

#endif
