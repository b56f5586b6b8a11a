/* SPDX-License-Identifier: MIT */
/* What nobody may believe: packets that look like the answer to a probe and are not, one kind each. */
#ifndef TESTS_SIM_FORGE_H
#define TESTS_SIM_FORGE_H

#include "base/rng.h"
#include "bytes.h"

/* Kinds 1 to forge_kinds() for a probe of that protocol; what each is. */
unsigned forge_kinds(uint8_t protocol);
const char *forge_name(uint8_t protocol, unsigned kind);

/* Writes one about that probe; its length. */
size_t forge_make(struct rng *rng, unsigned kind, const uint8_t *probe, size_t length, uint8_t *out);

/* Writes a sound packet for somebody else on this host; its length. */
size_t forge_stray(struct rng *rng, const uint8_t *probe, uint8_t *out);

#endif
