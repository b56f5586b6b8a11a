/* SPDX-License-Identifier: MIT */
/* A series as text: its switches, and what stands before and after its lines: title, width of the targets' column,
 * statistics. */
#ifndef OUT_PING_H
#define OUT_PING_H

#include "out/out.h"

struct ping_switches {
	bool flood;         /* a dot for each probe, taken back by its answer */
	bool audible;       /* BEL at the end of each reply line */
	bool bell_on_loss;  /* BEL for a probe that is overdue */
	bool quiet_overdue; /* no line for a probe that is overdue */
	bool precise;       /* three decimals in every time */
	bool breakdown;     /* what this host added to each round trip */
	bool percentiles;   /* percentiles and jitter after the statistics */
	bool outages;       /* a line for each outage, one for all */
	bool changes;       /* a line when replies change their TTL, TOS, size or source */
	bool show_source;   /* in the header */
};

/* Those of the run's output; all off where it has none. */
const struct ping_switches *ping_switches(const struct out_run *run);

/* What begins a line where times are asked for. */
void ping_summary_add_time(const struct out_run *run, int64_t wall, struct strbuf *text);

/* The resolver's name for a single target, as iputils; the number of them for several. */
void ping_summary_add_title(const struct out_run *run, struct strbuf *text);

/* The widest "HOST:PORT: " of a series over TCP. */
size_t ping_summary_width(const struct out_run *run);

/* The statistics of each port over TCP where there are several, and of all. */
void ping_summary_add_end(const struct out_run *run, struct strbuf *text);

#endif
