/* SPDX-License-Identifier: MIT */
/*
 * The books of a session, kept by the events alone, probe by probe: who was sent, answered, given up. It aborts
 * when an event cannot be, or when the session's own counters say something else.
 */
#ifndef TESTS_FUZZ_LEDGER_H
#define TESTS_FUZZ_LEDGER_H

#include "core/session.h"

#define LEDGER_PROBES  160 /* the most that are told of */
#define LEDGER_TARGETS 4
#define LEDGER_PORTS   8

enum fate {
	FATE_FLYING,
	FATE_ANSWERED,
	FATE_EXPIRED,
	FATE_LATE,
	FATE_REFUSED,
};

/* A probe as events name it. */
struct record {
	uint32_t target;
	uint16_t port;
	uint64_t sequence;
	unsigned attempt;
	enum fate fate;
	bool overdue;
};

struct ledger {
	const struct rp_config *config;
	const int64_t *now, *wall_most; /* the world's */
	struct record records[LEDGER_PROBES];
	uint64_t fates[FATE_REFUSED + 1];
	unsigned count; /* of the records */
	unsigned told;  /* events */
	uint64_t duplicates, errors, doubts;
	unsigned port_told[LEDGER_TARGETS][LEDGER_PORTS], host_told[LEDGER_TARGETS];
	bool done;
};

/* The listener; `user` is the ledger. */
void ledger_event(void *user, const struct rp_event *event);

/* After every step: the session's counters are these. */
void ledger_check(const struct ledger *ledger, const struct session *session);

/* After the end besides: every target was told of, and their ledgers add up to that of the run. */
void ledger_check_end(const struct ledger *ledger, const struct session *session);

#endif
