/* SPDX-License-Identifier: MIT */
/*
 * What the answers of a target say about time and loss: when a try is given up (RFC 6298) and how many tries
 * silence must outlast.
 */
#ifndef PLAN_SCAN_RTO_H
#define PLAN_SCAN_RTO_H

#include <rprobe/rprobe.h>

struct rto {
	int64_t srtt; /* RP_TIME_NONE before the first sample */
	int64_t rttvar;
	uint32_t answered; /* ports */
	uint32_t late;     /* ports that are not counted there, as few were late */
	uint32_t lost;     /* tries of these that were not answered */
	uint32_t again;    /* of these, those after the first */
};

void rto_init(struct rto *rto);

/* A measured round trip; `late`: the try had been given up before. */
void rto_sample(struct rto *rto, int64_t rtt, bool late, const struct rp_config *config);

/* A port was answered at that try. A few late ones are ports of their own kind and say nothing about the others; more
 * of them are a far target. */
void rto_answer(struct rto *rto, unsigned attempt, bool late);

/* How long to wait for an answer to that try before the next one; what comes later still counts, so nothing is
 * gained by waiting longer than at first. `group`: what is known of all targets, used before the first sample. */
int64_t rto_timeout(const struct rto *rto, const struct rto *group, unsigned attempt, const struct rp_config *config);

/* How long to wait for one after the last try of any port, where that is longer than anybody's patience. */
int64_t rto_patience(const struct rto *rto);

/* How many silent tries make a port filtered: as many as leave one chance in a million that it answers, at the
 * loss that is seen, of first tries and, where it is more, of those after a loss; three where nothing ever answered. */
unsigned rto_tries(const struct rto *rto, const struct rp_config *config);

/* How many silent tries in a row make a port that is waited for gone: as many as leave one chance in 100,000 that it
 * answers at the loss that is seen; three at least, and five where nothing ever answered. */
unsigned rto_gone(const struct rto *rto);

#endif
