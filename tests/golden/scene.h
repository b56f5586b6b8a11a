/* SPDX-License-Identifier: MIT */
/*
 * A fixed run for the golden tests: targets, ports, services and ledger are made here, so that a scenario
 * depends on nothing but the output. A scenario plays events into it.
 */
#ifndef TESTS_GOLDEN_SCENE_H
#define TESTS_GOLDEN_SCENE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/out.h"

#define MS   INT64_C(1000000)
#define WALL INT64_C(1795223565065946789) /* 2026-11-21 */

struct rp_targets {
	uint32_t count;
	struct rp_target list[4];
};

struct rp_ports {
	uint32_t count;
	uint16_t first; /* `count` ports, `step` apart */
	uint16_t step;
};

struct scene {
	struct rp_targets targets;
	const char *name; /* of the address of target 0, for lines */
	struct rp_ports ports;
	struct rp_config config;
	struct out_run run;
	struct rp_stats ledger[5];      /* by target; the last is of the run */
	struct rp_stats port_ledger[5]; /* by the port's index, of whatever target */
	struct rp_packet packet;
	uint8_t payload[80];
	struct out *out;
	struct strbuf text;
};

struct rp_addr addr(uint8_t last);
void read_ledger(const void *user, uint32_t target, struct rp_stats *stats);
void read_port_ledger(const void *user, uint32_t target, uint16_t port, struct rp_stats *stats);
struct rp_stats *total(struct scene *scene);
void set_rtt(struct rp_stats *stats, int64_t min, int64_t mean, int64_t max, int64_t mdev);
void show_name(struct scene *scene, const char *name);
void tell_moved(struct scene *scene, struct rp_addr address);
void scene_init(struct scene *scene);
void begin(struct scene *scene, const char *output);
void tell(struct scene *scene, const struct rp_event *event);
void finish(struct scene *scene);
struct rp_event happens(const struct scene *scene, enum rp_event_kind kind, uint64_t sequence);
struct rp_event reply(struct scene *scene, enum rp_event_kind kind, uint64_t sequence, int64_t rtt);
struct rp_event icmp_error(struct scene *scene, uint64_t sequence, uint8_t type, uint8_t code);
struct rp_event ended(const struct scene *scene, uint64_t seconds, enum rp_end end);
void tell_reply(struct scene *scene, enum rp_event_kind kind, uint64_t sequence, int64_t rtt);
void tell_bare(struct scene *scene, enum rp_event_kind kind, uint64_t sequence);
void tell_outage(struct scene *scene, uint32_t target, enum rp_outage_state state, uint64_t first, uint64_t last,
		 uint64_t second);
void tell_changed(struct scene *scene, uint64_t sequence, const char *what);
void add_targets(struct scene *scene);
struct rp_event tcp_answer(struct scene *scene, enum rp_event_kind kind, enum rp_state state, enum rp_reason reason);
void syn_base(struct scene *scene);

/* The scenarios: series.c, scans.c, and the rest in golden.c. */
void ping_plain(struct scene *scene);
void ping_options(struct scene *scene);
void ping_hostile(struct scene *scene);
void ping_odd(struct scene *scene);
void ping_errors(struct scene *scene);
void ping_quoted(struct scene *scene);
void ping_silent(struct scene *scene);
void ping_unsent(struct scene *scene);
void ping_flood(struct scene *scene);
void ping_many(struct scene *scene);
void ping_watched(struct scene *scene);
void ping_breakdown(struct scene *scene);
void ping_moved(struct scene *scene);
void ping_quiet(struct scene *scene);
void syn_series(struct scene *scene);
void syn_many(struct scene *scene);
void json_many(struct scene *scene);
void tell_port(struct scene *scene, uint32_t target, uint16_t port, enum rp_state state, enum rp_reason reason);
void tell_host(struct scene *scene, uint32_t target);
void tell_done(struct scene *scene, enum rp_end end);
void scan_one(struct scene *scene, const char *output);
void scan_plain(struct scene *scene);
void scan_folded(struct scene *scene);
void scan_cut(struct scene *scene);
void scan_open(struct scene *scene);
void scan_verbose(struct scene *scene);
void scan_color(struct scene *scene);
void scan_evidence(struct scene *scene);
void xml_evidence(struct scene *scene);
void xml_evidence_strict(struct scene *scene);
void csv_evidence(struct scene *scene);
void greppable_evidence(struct scene *scene);
void json_evidence(struct scene *scene);
void xml_plain(struct scene *scene);
void xml_strict(struct scene *scene);
void xml_folded(struct scene *scene);
void xml_cut(struct scene *scene);
void xml_nothing(struct scene *scene);
void greppable_plain(struct scene *scene);
void greppable_folded(struct scene *scene);
void greppable_cut(struct scene *scene);
void greppable_nothing(struct scene *scene);
void csv_scan(struct scene *scene);
void csv_cut(struct scene *scene);
void csv_nothing(struct scene *scene);

#endif
