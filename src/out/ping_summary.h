/* SPDX-License-Identifier: MIT */
/* What a series as text says before and after its lines: its title, the width of the targets' column, its statistics. */
#ifndef OUT_PING_SUMMARY_H
#define OUT_PING_SUMMARY_H

#include "out/out.h"

/* What begins a line where times are asked for. */
void ping_summary_add_time(const struct out_run *run, int64_t wall, struct strbuf *text);

/* The resolver's name for a single target, as iputils; the number of them for several. */
void ping_summary_add_title(const struct out_run *run, struct strbuf *text);

/* The widest "HOST:PORT: " of a series over TCP. */
size_t ping_summary_width(const struct out_run *run);

/* What is said of each target, and the statistics of all. */
void ping_summary_add_end(const struct out_run *run, struct strbuf *text);

#endif
