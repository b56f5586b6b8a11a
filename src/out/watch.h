/* SPDX-License-Identifier: MIT */
/* Series in words: runs of loss, and answers that differ from those before. */
#ifndef OUT_WATCH_H
#define OUT_WATCH_H

#include "out/out.h"

struct watch_answer {
	bool known;
	uint8_t ttl;
	uint8_t tos;
	uint16_t size; /* octets behind the IPv4 header */
	struct rp_addr from;
};

struct watch_change {
	struct watch_answer before;
	struct watch_answer now;
};

/* The latest answer of each series. */
struct watch;

int watch_open(struct watch **watch, const struct out_run *run);
void watch_close(struct watch *watch);

/* Whether the event is an answer that differs from the one before it. Answers of a group of hosts all differ: none is
 * told. */
bool watch_event(struct watch *watch, const struct rp_event *event, struct watch_change *change);

/* An outage, a change, as a line of text without what begins it. */
void watch_add_outage(struct strbuf *text, const struct rp_event *event);
/* How many there were in all, and the longest. */
void watch_add_outages(struct strbuf *text, const struct rp_stats *stats, bool one_series);
void watch_add_change(struct strbuf *text, const struct watch_change *change, uint64_t sequence);

#endif
