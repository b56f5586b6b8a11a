/* SPDX-License-Identifier: MIT */
/* The engine's state, which only these files know. Each needs only those before it: stats_table.c (counting),
 * event.c (making and reporting events), outages.c (runs of loss), results.c (reading what was counted), expiry.c
 * (what time ends), input.c (receiving) and session.c (beginning, sending, end). */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "core/inflight.h"
#include "core/pacer.h"
#include "core/tx_sampling.h"
#include "core/session.h"
#include "core/stats.h"
#include "plan/plan.h"
#include "probe/probe.h"

/* One target of a series, or one port of it. */
struct series {
	uint64_t last_sent; /* sequence */
	uint64_t last_answered;
	uint32_t last_at;      /* the slot of the last sent */
	struct rp_outage open; /* first 0: none */
};

/* What was sent, for who wants to see it; where an answer is about it, it is made again. */
struct sent_packet {
	struct rp_packet packet;
	uint8_t bytes[];
};

struct session {
	struct rp_config config;
	struct session_setup setup;
	struct rp_listener listener;
	struct rp_addr
		moved_to;  /* among several targets that have moved to one address, the last that was answered: ... */
	uint32_t moved_at; /* ... its place, as set_find_moved() tells */
	const struct probe_type *type;
	const struct plan_type *plan_type;
	struct plan *plan;
	struct probe_env env;
	struct rp_probe usual; /* what a plan begins with */
	uint64_t span;         /* of the probe type: so many sequences are told apart by their answers */
	uint64_t latest;       /* the highest sequence that was handed out so far */
	struct inflight *inflight;
	struct pacer pacer;
	struct tx_sampling sample;
	struct stats total;
	struct stats *targets; /* NULL: too many */
	struct stats *pairs;   /* by rows; NULL: no series over several ports */
	struct stats_detail *details;
	struct series *series;      /* by rows; NULL: not watched */
	uint32_t target_count;      /* that are known here: with those that have come, the next look at them begins */
	uint64_t pair_count;        /* likewise, of the grid */
	uint32_t port_count;        /* of all of them; 1 where there are none */
	const struct rp_grid *grid; /* of what is probed */
	int64_t deadline;
	int64_t emitted_at;   /* the time of the latest event */
	int64_t event_offset; /* from an event's `time` to its `wall`: the largest offset so far */
	int64_t queued_until; /* the last sent probe was in a queue of this host a moment ago; asked again then */
	uint32_t last_sent;   /* its slot; SLOT_NONE: none yet */
	int refused; /* why packets that were built are not sent yet: errno value; 0: nothing keeps them back */
	bool done;
	bool changed;              /* targets were added or removed */
	struct sent_packet *again; /* NULL: nobody wants to see what was sent */
};

/* An event about nothing, and about a probe; times and verdicts are still to be filled in. */
struct rp_event session_event(enum rp_event_kind kind, int64_t now);
struct rp_event session_event_of(const struct session *session, enum rp_event_kind kind, int64_t now,
				 const struct rp_probe *probe);
void session_event_about(const struct session *session, struct rp_event *event, const struct rp_probe *probe);

/* What was sent, decoded. */
const struct rp_packet *session_parse_again(struct session *session, const uint8_t *bytes, size_t length);

/* A stamp of the driver's own clock. */
struct rp_stamp session_now(const struct session *session, int64_t now);

/* Everything that happens leaves here: it is counted first, then reported. */
void session_emit(struct session *session, struct rp_event *event);

/* The counters. */
int session_open_stats_table(struct session *session);
int session_grow_stats_table(struct session *session, uint32_t targets);
void session_close_stats_table(struct session *session);
struct stats *session_stats_of_port(const struct session *session, uint32_t target, uint16_t port); /* NULL: not kept */
const struct stats *session_narrowest_stats(const struct session *session, uint32_t target,
					    uint16_t port); /* of those kept */
void session_count(struct session *session, const struct rp_event *event);

/* The slot of the probe with that sequence, or with one that differs by a multiple of the span; SLOT_NONE: nothing
 * is kept of it. */
static inline uint32_t session_find(const struct session *session, uint32_t target, uint16_t port, uint64_t sequence)
{
	return inflight_find(session->inflight, target, port, sequence % session->span);
}

/* No further probe can be remembered for now; and giving up the oldest, where nothing else makes room for one that
 * is due. */
bool session_is_full(const struct session *session);
void session_make_room(struct session *session, int64_t now);

/* It is known when the probe of a slot left this host. */
void session_left(struct session *session, uint32_t index);

/* Gives up the probes whose answers were due by then, in the order of a series. */
void session_give_up(struct session *session, int64_t by, int64_t now);

/* The kernel refused the probe of a slot, and it is not sent again. */
void session_emit_unsent(struct session *session, struct slot *slot, int64_t now, int error);

/* News for the plan about the probe of a slot; `concludes`: nothing more is expected of it. */
void session_inform(struct session *session, struct slot *slot, struct plan_news *news, bool concludes, int64_t now);

/* Reports what the plan has decided. */
void session_fetch(struct session *session);
void session_notify(struct session *session, const struct plan_news *news, int64_t now);

/* Runs of loss: what happens to a series's probes, and at last to the run. */
int session_open_series(struct session *session);
int session_grow_series(struct session *session);
void session_series_sent(struct session *session, uint32_t index);
/* A probe of its series that was sent before it and still waits; NULL: none of the last ones does. */
const struct slot *session_series_before(const struct session *session, const struct slot *slot);
void session_series_answered(struct session *session, const struct slot *slot, const struct rp_event *event);
void session_series_lost(struct session *session, const struct slot *slot, int64_t now);
void session_series_end(struct session *session, int64_t now);
void session_series_read(const struct session *session, int64_t number, struct rp_stats *stats);

#endif
