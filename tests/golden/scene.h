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

#include "out/ping.h"
#include "out/scan_table.h"

#define MS   INT64_C(1000000)
#define WALL INT64_C(1795223565065946789) /* 2026-11-21 */

struct rp_ports {
	uint32_t count;
	uint16_t first; /* `count` ports, `step` apart */
	uint16_t step;
};

struct rp_targets {
	uint32_t count;
	struct rp_target list[4];
	struct rp_ports ports;              /* of all targets */
	const struct rp_ports *ports_of[4]; /* NULL: these */
};

struct rp_grid {
	const struct rp_targets *targets;
};

struct scene {
	struct rp_targets targets;
	const char *name; /* of the address of target 0, for lines */
	struct rp_ports own_ports;
	struct rp_grid grid;
	struct rp_config config;
	struct out_run run;
	struct ping_switches ping;
	struct out_results results;
	struct scan_table *table;
	const char *output;             /* the name of its type */
	struct rp_stats ledger[5];      /* by target; the last is of the run */
	struct rp_stats port_ledger[5]; /* by the port's index, of whatever target */
	struct rp_packet packet;
	uint8_t payload[80];
	const struct out_type *type;
	struct out *out;
	struct strbuf text;
};

/* The run, and what its ledgers say. */
void scene_init(struct scene *scene, const char *output, const struct out_run *run);
void syn_base(struct scene *scene);
void scan_base(struct scene *scene);
void add_targets(struct scene *scene);
void show_name(struct scene *scene, const char *name);
struct rp_stats *total(struct scene *scene);
void set_rtt(struct rp_stats *stats, int64_t min, int64_t mean, int64_t max, int64_t mdev);

/* The making of events: 10.0.0.last; the first target's, `sequence` seconds into the run. */
struct rp_addr addr(uint8_t last);
struct rp_event happens(const struct scene *scene, enum rp_event_kind kind, uint64_t sequence);
struct rp_event reply(struct scene *scene, enum rp_event_kind kind, uint64_t sequence, int64_t rtt);
struct rp_event icmp_error(struct scene *scene, uint64_t sequence, uint8_t type, uint8_t code);
struct rp_event tcp_answer(struct scene *scene, enum rp_event_kind kind, enum rp_state state, enum rp_reason reason);
struct rp_event ended(const struct scene *scene, uint64_t seconds, enum rp_end end);
struct rp_event of_target(const struct scene *scene, uint32_t target, struct rp_event event);

/* The run goes on: its output prints. */
void begin(struct scene *scene);
void tell(struct scene *scene, struct rp_event event);
void tell_reply(struct scene *scene, enum rp_event_kind kind, uint64_t sequence, int64_t rtt);
void tell_bare(struct scene *scene, enum rp_event_kind kind, uint64_t sequence);
void tell_changed(struct scene *scene, uint64_t sequence, const char *what);
void tell_moved(struct scene *scene, struct rp_addr address);
void tell_outage(struct scene *scene, uint32_t target, enum rp_outage_state state, uint64_t first, uint64_t last,
		 uint64_t second);
void tell_done(struct scene *scene, enum rp_end end);
void finish(struct scene *scene);

/* The scenes: series.c, scans.c. */
void ping_plain(struct scene *scene);
void ping_options(struct scene *scene);
void ping_hostile(struct scene *scene);
void ping_odd(struct scene *scene);
void ping_errors(struct scene *scene);
void ping_quoted(struct scene *scene);
void ping_silent(struct scene *scene);
void ping_unsent(struct scene *scene);
void ping_flood(struct scene *scene);
void ping_queued(struct scene *scene);
void ping_watched(struct scene *scene);
void ping_breakdown(struct scene *scene);
void ping_quiet(struct scene *scene);
void ping_everything(struct scene *scene);
void ping_everything_quoted(struct scene *scene);
void ping_one_lost(struct scene *scene);
void ping_moved(struct scene *scene);
void syn_series(struct scene *scene);
void syn_many(struct scene *scene);
void syn_open_closed_silent(struct scene *scene);
void scan_plain(struct scene *scene);
void scan_folded(struct scene *scene);
void scan_cut(struct scene *scene);
void scan_none_open(struct scene *scene);
void scan_evidence(struct scene *scene);
void scan_held(struct scene *scene);
void scan_nothing(struct scene *scene);
void scan_names(struct scene *scene);

#endif
