/* SPDX-License-Identifier: MIT */
/*
 * The runs of loss of a series. That a probe is lost is known long after the probes behind it were answered. So probes
 * are given up in the order of their sending, and a probe that still waits remembers when the one behind it was
 * answered: nothing else has to be remembered, at any rate.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/ns.h"
#include "core/state.h"
#include "target/set.h"

/* Up to this many series are watched. */
#define WATCHED_SERIES (1 << 20)

/* Probes are given up in the order of sending. So many earlier ones are looked at for one that still waits. */
#define LOOK_BACK 64

int session_open_series(struct session *session)
{
	uint64_t count = rp_grid_count(session->grid);

	if (session->plan_type->attempts || count > WATCHED_SERIES)
		return 0;
	session->series = array_new(count + 1, sizeof *session->series);
	return session->series == NULL ? -ENOMEM : 0;
}

int session_grow_series(struct session *session)
{
	uint64_t count = rp_grid_count(session->grid);

	if (session->series == NULL || count <= session->pair_count)
		return 0;
	struct series *grown = array_resize(session->series, count, sizeof *grown);
	if (grown == NULL)
		return -ENOMEM;
	memset(grown + session->pair_count, 0, (size_t)(count - session->pair_count) * sizeof *grown);
	session->series = grown;
	return 0;
}

static struct series *series_of(const struct session *session, const struct rp_probe *probe)
{
	int64_t place = session->series != NULL ? rp_grid_number(session->grid, probe->target, probe->port) : -ENOENT;

	return place < 0 ? NULL : &session->series[place];
}

static void emit(struct session *session, const struct rp_probe *probe, const struct rp_outage *outage,
		 enum rp_outage_state state, int64_t now)
{
	struct rp_event event = session_event_of(session, RP_EVENT_OUTAGE, now, probe);

	event.sequence = outage->last;
	event.outage = outage;
	event.outage_state = state;
	session_emit(session, &event);
}

/* Its last probe was followed by an answer at `time`. */
static void outage_end(struct session *session, struct series *series, const struct rp_probe *probe, int64_t time,
		       bool reported, int64_t now)
{
	struct rp_outage outage = series->open;

	outage.end = ns_later(time, outage.end); /* stamps around a step of the clock may contradict */
	series->open.first = 0;
	emit(session, probe, &outage, reported ? RP_OUTAGE_ENDS : RP_OUTAGE_PASSED, now);
}

void session_series_sent(struct session *session, uint32_t index)
{
	struct slot *slot = inflight_slot(session->inflight, index);
	struct series *series = series_of(session, &slot->probe);

	if (series == NULL)
		return;
	slot->before = series->last_sent;
	slot->before_at = series->last_at;
	series->last_sent = slot->probe.sequence;
	series->last_at = index;
}

/* The probe of its series that was sent just before it, while its slot is its own; no waiting probe gives its slot
 * away. */
static struct slot *just_before(const struct session *session, const struct slot *slot)
{
	struct slot *before = inflight_slot(session->inflight, slot->before_at);

	if (slot->before == 0 || before->probe.sequence != slot->before || before->probe.target != slot->probe.target ||
	    before->probe.port != slot->probe.port)
		return NULL;
	return before;
}

const struct slot *session_series_before(const struct session *session, const struct slot *slot)
{
	for (unsigned i = 0; i < LOOK_BACK && slot != NULL; i++) {
		slot = just_before(session, slot);
		if (slot != NULL && slot->state == SLOT_WAITING)
			return slot;
	}
	return NULL;
}

void session_series_answered(struct session *session, const struct slot *slot, const struct rp_event *event)
{
	struct series *series = series_of(session, &slot->probe);
	int64_t time = event->received.ns != RP_TIME_NONE ? event->received.ns : event->time;

	if (series == NULL)
		return;
	if (slot->probe.sequence > series->last_answered)
		series->last_answered = slot->probe.sequence;
	if (slot->before == 0)
		return;
	if (series->open.first != 0 && series->open.last == slot->before) {
		outage_end(session, series, &slot->probe, time, true, event->time);
		return;
	}
	struct slot *before = just_before(session, slot);
	if (before != NULL && before->state == SLOT_WAITING)
		before->followed = time;
}

/* Probes behind the last lost one may be under way still, and one behind these be answered. */
static int64_t first_answer_behind(const struct session *session, const struct series *series,
				   const struct rp_probe *probe)
{
	for (uint64_t sequence = series->open.last + 1; sequence < series->last_answered; sequence++) {
		uint32_t index = session_find(session, probe->target, probe->port, sequence);
		const struct slot *slot = index != SLOT_NONE ? inflight_slot(session->inflight, index) : NULL;

		if (slot != NULL && slot->probe.sequence == sequence && slot->followed != RP_TIME_NONE)
			return slot->followed;
	}
	return RP_TIME_NONE;
}

void session_series_lost(struct session *session, const struct slot *slot, int64_t now)
{
	struct series *series = series_of(session, &slot->probe);
	uint64_t sequence = slot->probe.sequence;

	if (series == NULL)
		return;
	struct rp_outage *open = &series->open;
	/* At the end of the run probes may be given up behind others that are in flight. */
	bool gap = open->first != 0 && open->last != slot->before;
	int64_t answer = gap ? first_answer_behind(session, series, &slot->probe) : RP_TIME_NONE;
	if (answer != RP_TIME_NONE)
		outage_end(session, series, &slot->probe, answer, true, now);
	bool begins = open->first == 0;
	if (begins)
		*open = (struct rp_outage){.first = sequence, .start = slot->sent.ns};
	open->last = sequence;
	open->end = ns_later(slot->sent.ns, open->start);
	if (slot->followed != RP_TIME_NONE)
		outage_end(session, series, &slot->probe, slot->followed, !begins, now);
	else if (begins)
		emit(session, &slot->probe, open, RP_OUTAGE_BEGINS, now);
}

void session_series_end(struct session *session, int64_t now)
{
	uint64_t count = session->series != NULL ? session->pair_count : 0;

	for (uint64_t i = 0; i < count; i++) {
		struct series *series = &session->series[i];
		if (series->open.first == 0)
			continue;
		struct rp_pair pair = rp_grid_pair(session->grid, i);
		struct rp_probe probe = {.target = pair.target, .port = pair.port};
		probe.destination = set_address(session->config.targets, probe.target);
		int64_t answer = first_answer_behind(session, series, &probe);
		if (answer != RP_TIME_NONE) {
			outage_end(session, series, &probe, answer, true, now);
			continue;
		}
		series->open.end = ns_later(now, series->open.end);
		emit(session, &probe, &series->open, RP_OUTAGE_GOES_ON, now);
	}
}

void session_series_read(const struct session *session, int64_t number, struct rp_stats *stats)
{
	if (session->series == NULL)
		return;

	const struct series *series = &session->series[number];
	if (series->open.first == 0 || series->last_answered > series->open.last)
		return;
	stats->current = series->open;
	if (stats->longest.first == 0 ||
	    stats->current.end - stats->current.start >= stats->longest.end - stats->longest.start)
		stats->longest = stats->current;
}
