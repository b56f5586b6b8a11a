/* SPDX-License-Identifier: MIT */
/* The listener of a run: holds each event against what really happened. */
#ifndef TESTS_SIM_CHECK_H
#define TESTS_SIM_CHECK_H

#include "run.h"

#define NO_PROBE UINT64_MAX

struct truth {
	uint32_t target; /* what names the probe, known when it is told of */
	uint16_t port;
	uint64_t sequence;
	unsigned attempt;
	uint32_t slot;
	int64_t handed;   /* when the session gave it out */
	int64_t sent_at;  /* when the kernel took it */
	int64_t departed; /* when it left */
	bool stamped;     /* and the session knows that */
	int64_t left_at;  /* as far as was known when it was given up */
	int64_t expired_at, answered_at;
	int64_t accepted_at; /* by the first SYN-ACK; 0: none came */
	bool sent, unsent, expired, answered, overdue;
};

void check_open(struct run *run);
void check_close(struct run *run);

/* A further probe. */
uint64_t check_add(struct run *run, const struct truth *truth);

/* The event names a probe for the first time: it can be found by that name. */
void check_identify(struct run *run, uint64_t index, const struct rp_event *event);
struct truth *check_find(struct run *run, const struct rp_event *event);

/* The session was given a packet, and this many events of belief and events at all came of it. */
void check_delivery(struct run *run, const struct net_delivery *delivery);

/* LISTENER */
void check_event(void *user, const struct rp_event *event);

/* The run is over. */
void check_end(struct run *run);

/* Outages: what is told of them, and whether it was all of the truth. */
void outages_hear(struct run *run, const struct rp_event *event);
void outages_check(struct run *run);

#endif
