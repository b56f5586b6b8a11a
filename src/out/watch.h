/* SPDX-License-Identifier: MIT */
/* What happens to a series over time: outages, and answers that differ from those before. One target. */
#ifndef OUT_WATCH_H
#define OUT_WATCH_H

#include <rprobe/rprobe.h>

#include "base/strbuf.h"

/* Answers that are remembered: a probe is given up long after the answer to a later one came. */
#define WATCH_ANSWERS 4096

struct watch_answer {
	uint8_t ttl;
	uint8_t tos;
	size_t size; /* octets behind the IPv4 header */
	struct rp_addr from;
};

struct watch {
	struct rp_outage outage; /* first 0: none is open */
	bool answered;
	struct watch_answer answer;        /* the latest */
	uint64_t sequences[WATCH_ANSWERS]; /* answered, by sequence modulo WATCH_ANSWERS */
	int64_t times[WATCH_ANSWERS];      /* when; monotonic */
};

enum watch_outage {
	WATCH_QUIET,
	WATCH_BEGINS,
	WATCH_ENDS,
	WATCH_GOES_ON, /* the run ends before it does */
};

struct watch_news {
	enum watch_outage kind;
	struct rp_outage outage; /* `end`: when the answer came that ended it, or now */
	bool changed;            /* the answer differs from the one before */
	struct watch_answer before;
	struct watch_answer now;
};

/* What an event of the series is news of. */
void watch_event(struct watch *watch, const struct rp_event *event, struct watch_news *news);

/* The news as lines of text, without what begins them: an outage, a change. */
void watch_add_outage(struct strbuf *text, const struct watch_news *news);
void watch_add_change(struct strbuf *text, const struct watch_news *news, uint64_t sequence);

#endif
