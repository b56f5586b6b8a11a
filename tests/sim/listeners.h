/* SPDX-License-Identifier: MIT */
/*
 * The simulated hosts' ports that remember half-open connections, by the model that the TUN peer has too
 * (tests/lib/half_open.h). What happens to one happens at its time, so SYNs and RSTs wait here until they arrive.
 */
#ifndef TESTS_SIM_LISTENERS_H
#define TESTS_SIM_LISTENERS_H

#include <stddef.h>

#include "tests/lib/half_open.h"

/* The longest SYN. */
#define LISTENERS_ROOM 128

/* A probe under way. */
struct journey {
	uint64_t probe;
	const uint8_t *original;
	size_t length;
	const uint8_t *bytes; /* as it arrived */
	bool altered;
};

struct listeners_answer {
	int64_t at;
	bool repeated;
	struct half_open_segment segment;
	struct journey journey; /* of the SYN that it is about; its bytes live until the next call */
};

struct listeners;

void listeners_free(struct listeners *listeners);

/* Makes them at the first SYN. */
void listeners_hear_syn(struct listeners **listeners, int64_t at, const struct journey *syn);

/* Whether our kernel, which knows nothing of the connection, sends a RST to that segment; and its coming. */
bool listeners_want_reset(const uint8_t *segment);
void listeners_hear_reset(struct listeners *listeners, int64_t at, const uint8_t *segment);

/* When something happens next, and that; whether an answer goes out. */
int64_t listeners_due(const struct listeners *listeners);
bool listeners_next(struct listeners *listeners, struct listeners_answer *answer);

#endif
