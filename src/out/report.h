/* SPDX-License-Identifier: MIT */
/* What the outputs share: how a target is called, how loss is counted, and iputils' statistics block. */
#ifndef OUT_REPORT_H
#define OUT_REPORT_H

#include "out/out.h"

/* The name that was given, or the address in `text` when an address or a range was given. */
const char *report_host(struct rp_target target, char text[RP_ADDR_TEXT_SIZE]);

/* The name of an address as far as lines may show one and it is known by now; NULL. */
const char *report_name(const struct out_run *run, struct rp_addr address);

/* "ADDRESS" or "NAME (ADDRESS)". */
void report_add_address(struct strbuf *text, const struct out_run *run, struct rp_addr address);

/* Whether the target is a group of hosts, a multicast or broadcast address: each answers from its own address. */
bool report_is_group(const struct rp_config *config);

/* What happened, in the words of JSON and CSV; NULL: it is not reported, or not by one line. */
const char *report_event_name(const struct out_run *run, const struct rp_event *event);

/* "41 suspect answers, 3 duplicates not shown", no newline; nothing where all are 0. */
void report_add_omitted(struct strbuf *text, const struct out_omitted *omitted);

/* Percent of the probes whose fate is known that were lost: 100 * lost / (sent - in_flight). A probe in
 * flight when the run was interrupted is not loss, and a late answer is not either. While nothing is known
 * it is 100: a program that reads no other field must not take a silent or unsent run for a live host. */
double report_loss(const struct rp_stats *stats);

/* The number as iputils prints it (%g), but never with an exponent. */
void report_add_loss(struct strbuf *text, double percent);

/* iputils' line for SIGQUIT: carriage return, counters, loss cut to a whole number, round trips; behind them what is
 * neither received nor lost, above all how many are in flight: in an outage these are what one asks for. */
void report_add_interim(struct strbuf *text, const struct rp_stats *stats);

/* From the empty line before "--- <name> <kind> statistics ---" to the line of round trips. `flood` adds ipg/ewma;
 * at the end of the line stands how many were timed, where not all were, and whose clock it is when it is this
 * program's own. */
void report_add_statistics(struct strbuf *text, const char *name, const char *kind, const struct rp_stats *stats,
			   bool flood, const struct rp_config *config);

/* One line, since jc bears no more behind the statistics: "rtt p50/p90/p95/p99/p99.9 = ... ms, jitter ... ms", or
 * where the time went, "tx queue avg/max = ... ms, rx wakeup avg/max = ... ms, schedule lag avg/max = ... ms", or
 * both. */
void report_add_details(struct strbuf *text, const struct rp_stats *stats, bool percentiles, bool breakdown);

/* The event's packet, as far as the run shows packets. */
void report_add_packet(struct strbuf *text, const struct out_run *run, const struct rp_event *event);

#endif
