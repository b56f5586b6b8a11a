/* SPDX-License-Identifier: MIT */
/* A packet for people: a tree of its headers, one field a line, each with its raw value and what it means. */
#ifndef WIRE_DECODE_H
#define WIRE_DECODE_H

#include <rprobe/packet.h>

#include "base/strbuf.h"

void decode_packet(struct strbuf *out, const struct rp_packet *packet);

#endif
