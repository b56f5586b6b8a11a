/* SPDX-License-Identifier: MIT */
/*
 * What a listening port remembers of a SYN: the half-open connection, as Linux keeps it (RFC 9293 section 3.10.7.4,
 * RFC 5961). One model for the TUN peer and the simulated network; tests/e2e/test_peer.py compares it with the kernel.
 * It shares no code with the library. Time is handed in; addresses and ports are numbers.
 */
#ifndef HALF_OPEN_H
#define HALF_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#define HALF_OPEN_NEVER INT64_MAX

struct half_open_tuple {
	uint32_t client, server;
	uint16_t client_port, server_port;
};

/* A segment of the server to its client. */
struct half_open_segment {
	struct half_open_tuple tuple;
	uint32_t sequence;
	uint32_t acknowledgment;
	bool syn, reset; /* it always has ACK; neither: a challenge ACK */
};

struct half_open;

/* NULL: no memory. The caller frees it. */
struct half_open *half_open_new(uint64_t seed);
void half_open_free(struct half_open *table);

/* What a SYN or a RST gets; false: nothing. */
bool half_open_syn(struct half_open *table, struct half_open_tuple tuple, uint32_t sequence, int64_t now,
		   struct half_open_segment *answer);
bool half_open_reset(struct half_open *table, struct half_open_tuple tuple, uint32_t sequence, int64_t now,
		     struct half_open_segment *answer);

/* SYN-ACKs that are repeated, since neither ACK nor RST came: when the next is due, and taking it. */
int64_t half_open_due(const struct half_open *table);
bool half_open_repeat(struct half_open *table, int64_t now, struct half_open_segment *answer);

uint32_t half_open_count(const struct half_open *table);

#endif
