/* SPDX-License-Identifier: MIT */
/*
 * The running peer: its rules, what waits, and what it counted. A packet comes in by world_input(); what is
 * due leaves by world_flush(). Time is handed in.
 */
#ifndef PEER_WORLD_H
#define PEER_WORLD_H

#include "tests/lib/half_open.h"

#include "queue.h"
#include "rule.h"

#define PACKET_MAX 65535
#define ASKED      (1 << 20)

/* The SYNs that a host heard, for its bans. */
struct host {
	uint32_t syns;
	int64_t banned_at; /* 0: it has not */
};

struct world {
	int fd; /* where packets go */
	uint64_t seed;
	uint32_t network;
	uint32_t mask;
	struct rule *rules;
	unsigned rule_count;
	struct queue *queue;
	int64_t now;
	uint16_t identification;
	uint64_t seen[SEEN_KINDS];
	uint64_t outside;   /* an echo or SYN to an address of no concern */
	uint64_t unmatched; /* or without a rule */
	uint32_t *asked;    /* how often was an address and port: ASKED, by a hash */
	struct host *hosts; /* likewise, by a hash of the address */
	struct half_open *half_open;
	uint8_t packet[PACKET_MAX];
};

void world_input(struct world *world, const uint8_t *bytes, size_t length, int64_t now);
void world_flush(struct world *world, int64_t now);

/* When world_flush() has something to do. */
int64_t world_due(const struct world *world);

/* What still waits will not leave any more. */
void world_end(struct world *world);

/* ---- for answer.c and forge.c: what goes back for one request -------------------------------------------- */

/* A TCP segment to be made. */
struct segment {
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t sequence;
	uint32_t acknowledgment;
	uint8_t flags;
	uint16_t window;
	bool only_mss;
	uint32_t data;
};

/* Each puts a message and its checksum at `out` and gives its length. */
size_t put_echo_reply(uint8_t *out, const struct envelope *envelope, uint16_t identifier, uint16_t sequence,
		      const uint8_t *payload, size_t length);
size_t put_segment(uint8_t *out, const struct envelope *envelope, const struct segment *segment);
size_t put_error(uint8_t *out, const struct envelope *envelope, uint16_t type_code, uint32_t rest,
		 const struct request *request, const struct rule *rule);

/* An envelope back to who asked, as the rule wants it. */
struct envelope answer_envelope(struct world *world, const struct rule *rule, const struct request *request);

/* The answers that the rule gives. */
void answer(struct world *world, struct rule *rule, const struct request *request);

/* An open port that remembers half-open connections: a SYN or a RST came, or a SYN-ACK is due again. */
void listener_input(struct world *world, struct rule *rule, const struct request *request);
void listener_repeat(struct world *world, struct rule *rule, const struct half_open_segment *segment);

/* Or what a host says to those that it has banned. */
void answer_banned(struct world *world, struct rule *rule, const struct request *request);

/* One answer that is none: right in all but one thing. */
void forge(struct world *world, struct rule *rule, const struct request *request);

/* Sends world->packet, whose message of `length` bytes stands behind the room for the IP header. */
void world_send(struct world *world, struct rule *rule, enum sent kind, const struct envelope *envelope, size_t length,
		int64_t after);
void world_send_forged(struct world *world, struct rule *rule, const struct envelope *envelope, size_t length);

#endif
