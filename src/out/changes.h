/* SPDX-License-Identifier: MIT */
/* Series in words: runs of loss, and answers that differ from those before. */
#ifndef OUT_CHANGES_H
#define OUT_CHANGES_H

#include "out/out.h"

struct change_answer {
	bool known;
	uint8_t ttl;
	uint8_t tos;
	uint16_t size; /* bytes behind the IPv4 header */
	struct rp_addr from;
};

struct change_seen {
	struct change_answer before;
	struct change_answer now;
};

/* The latest answer of each series. */
struct changes;

/* 0 or -ENOMEM; borrows the config. */
int changes_open(struct changes **watch, const struct out_results *results);
void changes_close(struct changes *watch);

/* Whether the event is an answer that differs from the one before it. Answers of a group of hosts all differ: none is
 * reported. */
bool changes_event(struct changes *watch, const struct rp_event *event, struct change_seen *change);

/* An outage, a change, as a line of text without what begins it. */
void changes_add_outage(struct strbuf *text, const struct rp_event *event);
/* How many there were in all, and the longest. */
void changes_add_outages(struct strbuf *text, const struct rp_stats *stats, bool one_series);
void changes_add_change(struct strbuf *text, const struct change_seen *change, uint64_t sequence);

#endif
