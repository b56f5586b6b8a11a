/* SPDX-License-Identifier: MIT */
/*
 * What time ends: probes that are given up, and the run. The timeout of a probe counts from when it left this host:
 * what stands in a queue of our own is neither late nor lost.
 */
#include "core/state.h"

#include <errno.h>

#include "base/ns.h"
#include "target/set.h"

/* How often it is asked whether a probe still stands in a queue of this host. */
#define QUEUE_STEP (20 * NS_PER_MS)

/* Whether a probe has not left this host yet: its transmit stamp has not come, and packets stand in a queue. It is
 * then neither late nor lost, and is waited for, within reason. */
static bool is_queued(struct session *session, const struct slot *slot, int64_t by)
{
	const struct rp_probe *probe = &slot->probe;
	int64_t patience = session->plan_type->queue_patience;
	int64_t longest = probe->timeout < INT64_MAX / 2 ? probe->timeout + patience : INT64_MAX / 2;

	if (session->setup.queued == NULL || session->config.clock == RP_CLOCK_USER || patience == 0)
		return false;
	if (slot->state != SLOT_WAITING || !slot->departed || slot->untimed || slot->concluded ||
	    slot->sent.clock != RP_CLOCK_USER || by - slot->handed >= longest)
		return false;
	if (by < session->queued_until)
		return true;
	if (!session->setup.queued(session->setup.user, probe->destination))
		return false;
	session->queued_until = by + QUEUE_STEP;
	return true;
}

/* Nothing came, and nothing is expected any more. */
static void give_up(struct session *session, uint32_t index, int64_t now)
{
	struct slot *slot = inflight_slot(session->inflight, index);

	if (session->config.report_overdue && !slot->overdue && !slot->concluded) {
		struct rp_event overdue = session_event_of(session, RP_EVENT_OVERDUE, now, &slot->probe);
		slot->overdue = true;
		session_emit(session, &overdue);
	}
	inflight_finish(session->inflight, index, SLOT_EXPIRED);
	struct rp_event event = session_event_of(session, RP_EVENT_TIMEOUT, now, &slot->probe);
	event.sent = slot->sent;
	session_emit(session, &event);
	session_series_lost(session, slot, now);
	session_inform(session, slot, &(struct plan_news){.kind = PLAN_NEWS_TIMEOUT, .event = &event}, true, now);
}

/* When a probe that has left this host is given up. */
static int64_t timed_deadline(const struct slot *slot)
{
	if (slot->sent.clock == RP_CLOCK_USER || !slot->departed)
		return slot->deadline;
	return slot->probe.timeout < INT64_MAX - slot->sent.ns ? slot->sent.ns + slot->probe.timeout : INT64_MAX;
}

/* A probe that left later than it was handed over is given up later. It finds its place when it becomes the next
 * that is due: most are answered before, and each move costs more than the stamp. */
void session_left(struct session *session, uint32_t index)
{
	const struct slot *slot = inflight_slot(session->inflight, index);
	int64_t deadline = timed_deadline(slot);

	if (deadline < slot->deadline || inflight_waiting(session->inflight) == 1)
		inflight_arm(session->inflight, index, deadline);
}

/* The next to be given up. No probe of a series is given up before one that was sent earlier, whose deadline may be
 * later: it was stamped, and the other was not. */
static uint32_t first_waiting(struct session *session)
{
	for (;;) {
		uint32_t index = inflight_first(session->inflight);
		if (index == SLOT_NONE)
			return SLOT_NONE;

		const struct slot *slot = inflight_slot(session->inflight, index);
		int64_t deadline = timed_deadline(slot);
		if (deadline > slot->deadline) {
			inflight_arm(session->inflight, index, deadline);
			continue;
		}
		const struct slot *before = session_series_before(session, slot);
		if (before == NULL || before->deadline <= slot->deadline)
			return index;
		inflight_arm(session->inflight, index, before->deadline);
	}
}

/*
 * How long a probe must have waited to be lost when the run is cut short; younger ones are in flight, unless an
 * error has come back. By
 * the same measure as the wait after the last probe: twice the longest round trip, one interval at least.
 * At a deadline without any answer nothing is in flight: the time to answer was the user's to set.
 */
static int64_t patience(const struct session *session, enum rp_end end)
{
	const struct rp_stats *stats = &session->total.counts;

	if (end == RP_END_ERROR) /* answers may wait that can no longer be read */
		return INT64_MAX;
	if ((end == RP_END_COMPLETE && session->plan_type->ends(session->plan).waited) ||
	    (end == RP_END_DEADLINE && stats->received == 0))
		return 0;
	if (session->config.timeout != RP_TIME_NONE)
		return session->config.timeout;
	if (stats->samples > 0 && 2 * stats->rtt_max > session->config.interval)
		return 2 * stats->rtt_max;
	return session->config.interval;
}

void session_end(struct session *session, int64_t now, enum rp_end end, int error)
{
	if (session->done)
		return;

	int64_t least = patience(session, end);
	for (uint32_t index; (index = first_waiting(session)) != SLOT_NONE;) {
		struct slot *slot = inflight_slot(session->inflight, index);
		/* Behind an error nothing is expected, however young it is. */
		bool overdue = slot->departed && now - slot->sent.ns >= least && !is_queued(session, slot, now);
		if (overdue || (slot->departed && slot->concluded)) {
			give_up(session, index, now);
		} else if (!slot->departed && session->refused != 0) {
			inflight_finish(session->inflight, index, SLOT_FREE);
			session_emit_unsent(session, slot, now, session->refused);
		} else {
			inflight_finish(session->inflight, index, SLOT_EXPIRED); /* in flight, and not reported */
		}
	}
	if (session->plan_type->finish != NULL)
		session->plan_type->finish(session->plan, now);
	session_fetch(session);
	session_series_end(session, now);
	session->done = true;
	struct rp_event event = session_event(RP_EVENT_DONE, now);
	event.end = end;
	event.error = error;
	session_emit(session, &event);
}

/* A table full of probes that wait keeps the next ones back, but not for ever. */
bool session_is_full(const struct session *session)
{
	return inflight_full(session->inflight) && session->config.timeout != INT64_MAX;
}

/* The oldest makes room for a probe that is due. */
void session_make_room(struct session *session, int64_t now)
{
	uint32_t oldest = inflight_first(session->inflight);

	if (inflight_full(session->inflight) && !session_is_full(session) &&
	    session->plan_type->due(session->plan) <= now && inflight_slot(session->inflight, oldest)->departed)
		give_up(session, oldest, now);
}

void session_give_up(struct session *session, int64_t by, int64_t now)
{
	for (uint32_t index; !session->done && (index = first_waiting(session)) != SLOT_NONE;) {
		struct slot *slot = inflight_slot(session->inflight, index);
		if (slot->deadline > by)
			break;
		if (is_queued(session, slot, by))
			inflight_arm(session->inflight, index, session->queued_until);
		else
			give_up(session, index, now);
	}
}

/* Where the plan is over once its last probes have been waited for, they must have left first. */
static struct plan_end session_ends(const struct session *session)
{
	struct plan_end end = session->plan_type->ends(session->plan);

	if (end.waited)
		end.at = ns_later(end.at, session->queued_until);
	return end;
}

static bool last_is_queued(struct session *session, const struct plan_end *end, int64_t by)
{
	return session->last_sent != SLOT_NONE && end->waited &&
	       is_queued(session, inflight_slot(session->inflight, session->last_sent), by);
}

/* Takes over the targets that have come, and ends the run where there is no memory for them. */
static void take_targets(struct session *session, int64_t now)
{
	uint32_t count = rp_targets_count(session->config.targets);
	int error = set_ready(session->config.targets);

	session->changed = false;
	if (error == 0)
		error = session_grow_stats_table(session, count);
	if (error == 0)
		error = session_grow_series(session);
	if (error == 0)
		error = inflight_grow(session->inflight,
				      session->plan_type->capacity(&session->config, rp_grid_count(session->grid)));
	uint64_t each = error == 0 ? session->plan_type->targets(session->plan) : 0;
	if (error < 0 || each == UINT64_MAX) {
		session_end(session, now, RP_END_ERROR, ENOMEM);
		return;
	}
	session->target_count = count;
	session->pair_count = rp_grid_count(session->grid);
	struct plan_pace pace =
		session->plan_type->pace(&session->config, each > 0 && each < UINT32_MAX ? (uint32_t)each : 1);
	pacer_change(&session->pacer, pace.period, pace.count);
}

void session_expire(struct session *session, int64_t by, int64_t now)
{
	session->emitted_at = ns_later(session->emitted_at, now);
	session_give_up(session, by, now);
	if (session->changed && !session->done)
		take_targets(session, now);
	if (!session->done && session->plan_type->wake != NULL && session->plan_type->alarm(session->plan) <= by)
		session->plan_type->wake(session->plan, by);
	session_fetch(session);
	struct plan_end end = session_ends(session);
	if (end.at <= by && !last_is_queued(session, &end, by))
		session_end(session, now, end.why, 0);
	else if (by >= session->deadline)
		session_end(session, now, RP_END_DEADLINE, 0);
}

int64_t session_expiry(const struct session *session)
{
	uint32_t first = inflight_first(session->inflight);
	int64_t due = ns_earlier(session->deadline, session_ends(session).at);

	if (session->done)
		return INT64_MAX;
	if (session->plan_type->alarm != NULL)
		due = ns_earlier(due, session->plan_type->alarm(session->plan));
	return first != SLOT_NONE ? ns_earlier(due, inflight_slot(session->inflight, first)->deadline) : due;
}

int64_t session_deadline(const struct session *session)
{
	int64_t expiry = session_expiry(session);

	if (session->done || session_is_full(session))
		return expiry;
	return ns_earlier(expiry, ns_later(pacer_wake(&session->pacer), session->plan_type->due(session->plan)));
}
