/* SPDX-License-Identifier: MIT */
/* What a received packet is: decoded, matched by the probe type, looked up among what was sent, verified, reported. */
#include "base/ns.h"
#include "core/state.h"
#include "target/set.h"
#include "wire/icmp.h"

/* By how much a true round trip on the wire may exceed the kernel's, for clocks that run a little differently. */
#define HARDWARE_SLACK_NS 100000

/* Half of what RFC 6298 section 2 lets a target wait at least, since the first may have been the slower one on the
 * way. */
#define REPEATED_AFTER (NS_PER_S / 2)

/* A shorter time in this host is not worth a word. */
#define QUEUED_LEAST_NS 1000000

/* Timers of targets are late by up to so small a part: Linux repeats after 1.0, 3.1, 7.2 and 15.4 s. */
#define TIMER_SLACK 16

/* So many probes behind the one that an ACK acknowledges are looked at. */
#define BEHIND 127

/* The nth probe behind the one that the answer names, between the same ports. */
static const struct slot *slot_behind(const struct session *session, const struct match *match, uint32_t target,
				      unsigned nth, uint32_t *index)
{
	*index = session_find(session, target, match->port, match->sequence + (uint64_t)nth * session->env.port_turn);
	return *index != SLOT_NONE ? inflight_slot(session->inflight, *index) : NULL;
}

/* Of the probes behind the one that the answer names, one of which has caused it, the first that waits, or else the
 * last that was given up. */
static uint32_t find_behind(const struct session *session, const struct match *match, uint32_t target)
{
	uint32_t index, late = SLOT_NONE;

	for (unsigned nth = 1; nth <= BEHIND; nth++) {
		const struct slot *slot = slot_behind(session, match, target, nth, &index);

		if (slot != NULL && slot->state == SLOT_WAITING && slot->departed)
			return index;
		if (slot != NULL && slot->state == SLOT_EXPIRED)
			late = index;
	}
	return late;
}

/* Whether no other probe behind the one that the answer names can have caused it: it is the very next, and when the
 * answer came the one behind it had not left. */
static bool is_only_cause(const struct session *session, const struct match *match, const struct slot *slot,
			  struct rp_stamp rx)
{
	uint32_t index, target = slot->probe.target;
	bool next = slot_behind(session, match, target, 1, &index) == slot;
	const struct slot *other = slot_behind(session, match, target, 2, &index);

	return next && (other == NULL || !other->departed || rx.ns < other->sent.ns);
}

/* Where more sequences than the session tells apart may have what the packet shows of one, its own may be that of
 * the round before. */
#define ROUNDS 2

/* The probe to that target, if the packet is proven to be about it. */
static uint32_t find_at(struct session *session, const struct rp_packet *packet, struct match *match, int64_t target)
{
	unsigned rounds = match->span < session->span ? ROUNDS : 1;
	uint64_t sequence = match->sequence;

	for (; target >= 0 && match->span > 0 && rounds > 0; rounds--, sequence -= match->span) {
		uint32_t index = match->earlier ? find_behind(session, match, (uint32_t)target)
						: session_find(session, (uint32_t)target, match->port, sequence);

		if (index != SLOT_NONE) {
			const struct rp_probe *probe = &inflight_slot(session->inflight, index)->probe;

			match->suspicion = session->type->verify(&session->env, probe, packet, match);
			if (match->suspicion == RP_SUSPECT_NONE)
				return index;
		}
		if (sequence < match->span)
			break;
	}
	return SLOT_NONE;
}

static bool waits(const struct session *session, uint32_t index)
{
	return index != SLOT_NONE && inflight_slot(session->inflight, index)->state == SLOT_WAITING;
}

/* Of the targets that are or were at an address, the first whose probe waits for this answer, else what was `found`
 * before, else any. Answers come in the order of the probes: the search begins behind the target of the last, and
 * goes round once. */
static uint32_t find_moved(struct session *session, const struct rp_packet *packet, struct match *match, uint32_t found,
			   uint32_t *target)
{
	uint32_t begin = rp_addr_equal(session->moved_to, match->destination) ? session->moved_at : 0;
	uint32_t cursor = begin;
	bool round = begin == 0, last = false;

	while (!last && !waits(session, found)) {
		int64_t other = set_find_moved(session->config.targets, match->destination, &cursor);

		if (other < 0) {
			last = round;
			round = true;
			cursor = 0;
			continue;
		}
		last = round && begin > 0 && cursor == begin;
		uint32_t index = find_at(session, packet, match, other);
		if (found != SLOT_NONE && !waits(session, index))
			continue;
		*target = (uint32_t)other;
		found = index;
		session->moved_to = match->destination;
		session->moved_at = cursor;
	}
	return found;
}

static uint32_t target_at(const struct session *session, struct rp_addr address)
{
	int64_t target = rp_targets_find(session->config.targets, address);

	return target >= 0 ? (uint32_t)target : TARGET_UNKNOWN;
}

static bool is_named(const struct session *session, const struct match *match)
{
	return match->kind != MATCH_SUSPECT && match->target < session->target_count;
}

/* The probe that the packet is proven to be about, SLOT_NONE if there is none; and the target that it means, as far
 * as that is known. Names may have led several targets to one address: then it is the one whose probe waits for an
 * answer. */
static uint32_t find_slot(struct session *session, const struct rp_packet *packet, struct match *match,
			  uint32_t *target)
{
	bool named = is_named(session, match);

	*target = named ? match->target : target_at(session, match->destination);
	if (match->kind == MATCH_SUSPECT)
		return SLOT_NONE;
	uint32_t found = find_at(session, packet, match, *target != TARGET_UNKNOWN ? (int64_t)*target : -1);
	if (named)
		return found;
	found = find_moved(session, packet, match, found, target);
	if (found == SLOT_NONE && *target == TARGET_UNKNOWN && session->target_count == 1) {
		found = find_at(session, packet, match, 0);
		*target = found != SLOT_NONE ? 0 : TARGET_UNKNOWN;
	}
	return found;
}

/* Whether the packet would be believed if its probe were still known. */
static enum rp_suspicion verify_forgotten(const struct session *session, const struct rp_packet *packet,
					  struct match *match, uint32_t target)
{
	struct rp_probe probe = session->usual;

	probe.target = target;
	probe.sequence = match->sequence;
	probe.destination =
		is_named(session, match) ? set_address(session->config.targets, target) : match->destination;
	return session->type->verify(&session->env, &probe, packet, match);
}

/* Why a packet that is about no probe that we know is not believed. */
static enum rp_suspicion suspicion_of(const struct session *session, const struct rp_packet *packet,
				      struct match *match, uint32_t target)
{
	bool error = match->kind == MATCH_ERROR;

	if (match->suspicion != RP_SUSPECT_NONE)
		return match->suspicion;
	if (target == TARGET_UNKNOWN)
		return error ? RP_SUSPECT_QUOTE : RP_SUSPECT_SOURCE;
	if (match->unmatched != RP_SUSPECT_NONE)
		return match->unmatched;
	/* Its round is not over, so no such probe was forgotten. */
	if (match->sequence == 0 || match->sequence >= session->latest)
		return error ? RP_SUSPECT_QUOTE : RP_SUSPECT_NEVER_SENT;
	enum rp_suspicion suspicion = verify_forgotten(session, packet, match, target);
	return suspicion == RP_SUSPECT_NONE ? RP_SUSPECT_FORGOTTEN : suspicion;
}

/* When a probe is too large for the path, our own kernel refuses it with an error and says the same by ICMP. */
static bool told_before(const struct session *session, const struct rp_packet *packet, const struct match *match)
{
	return match->kind == MATCH_ERROR && session->total.counts.unsent > 0 &&
	       rp_addr_equal(packet->ip.source, packet->quote.ip.source);
}

static void report_suspect(struct session *session, struct match *match, uint32_t target, struct rp_event *event)
{
	event->kind = RP_EVENT_SUSPECT;
	event->suspicion = suspicion_of(session, event->packet, match, target);
	/* A name that is not proven is anybody's. */
	event->target =
		is_named(session, match) && !match->authenticated ? target_at(session, match->destination) : target;
	event->address = match->destination;
	event->port = match->port;
	event->sequence = session->plan_type->attempts || match->unmatched != RP_SUSPECT_NONE ? 0 : match->sequence;
	session_emit(session, event);

	struct rp_probe about = {.target = event->target, .destination = match->destination, .port = match->port};
	if (match->doubts != 0 && event->target != TARGET_UNKNOWN)
		session_notify(session,
			       &(struct plan_news){.kind = PLAN_NEWS_DOUBT,
						   .probe = &about,
						   .rtt = RP_TIME_NONE,
						   .remark = (enum rp_remark)match->doubts,
						   .event = event},
			       event->time);
}

/* Hardware's word counts where both ends have it and the kernel's stamps do not contradict: an interface's
 * clock may be set at any time. */
static bool hardware_agrees(const struct rp_event *event)
{
	int64_t rtt = event->received.hardware - event->sent.hardware;

	return event->sent.hardware != 0 && event->received.hardware != 0 && rtt >= 0 && event->rtt != RP_TIME_NONE &&
	       rtt <= event->rtt + HARDWARE_SLACK_NS;
}

static void event_measure(const struct session *session, struct rp_event *event, const struct slot *slot,
			  struct rp_stamp rx, int64_t now)
{
	event->sent = slot->sent;
	event->received = rx;
	if (!slot->untimed && slot->sent.ns != RP_TIME_NONE && rx.ns >= slot->sent.ns)
		event->rtt = rx.ns - slot->sent.ns;
	if (slot->sent.clock != RP_CLOCK_USER)
		event->tx_queue = slot->sent.ns - slot->handed;
	if (rx.clock != RP_CLOCK_USER)
		event->rx_wakeup = now - rx.ns;
	event->clock = slot->sent.clock > rx.clock ? slot->sent.clock : rx.clock;
	if (session->config.clock == RP_CLOCK_HARDWARE && hardware_agrees(event)) {
		event->rtt = rx.hardware - slot->sent.hardware;
		event->clock = RP_CLOCK_HARDWARE;
	}
	event->queued = event->rtt != RP_TIME_NONE && event->tx_queue > event->rtt && event->tx_queue > QUEUED_LEAST_NS;
}

static void take_error(struct session *session, struct slot *slot, struct rp_event *event)
{
	bool concludes = !icmp_is_advice(&event->packet->icmp);

	event->kind = RP_EVENT_ERROR;
	session_emit(session, event);
	session_inform(session, slot,
		       &(struct plan_news){
			       .kind = PLAN_NEWS_ERROR,
			       .rtt = event->rtt,
			       .late = slot->state == SLOT_EXPIRED,
			       .state = event->state,
			       .reason = event->reason,
			       .event = event,
		       },
		       concludes, event->time);
}

/* The network duplicates what is under way; a target repeats its SYN-ACK no earlier than a second after the first. */
static bool is_repeated(const struct slot *slot, const struct rp_event *event)
{
	return event->reason == RP_REASON_SYN_ACK && slot->accepted != RP_TIME_NONE &&
	       event->received.ns - slot->accepted >= REPEATED_AFTER;
}

/* Whether it came as much later than usual as targets wait before they repeat a SYN-ACK: a second, and twice as long
 * each time (RFC 6298 section 5). Then the first was lost, most likely, and the time says nothing about the path. */
static bool may_be_repeated(const struct session *session, const struct rp_event *event)
{
	const struct stats *known = session_narrowest_stats(session, event->target, event->port);
	int64_t usual = known->counts.rtt_ewma, spread = (int64_t)(4 * known->jitter) + NS_PER_MS;

	if (event->reason != RP_REASON_SYN_ACK || event->rtt == RP_TIME_NONE || usual == RP_TIME_NONE ||
	    session->plan_type->attempts)
		return false;
	for (int64_t waited = NS_PER_S; waited <= event->rtt; waited = 2 * waited + NS_PER_S) {
		int64_t more = event->rtt - usual - waited;

		if (more >= -spread && more <= spread + waited / TIMER_SLACK)
			return true;
	}
	return false;
}

/* A reply is late exactly if the round trip that is shown exceeds the timeout. */
static bool is_late(const struct slot *slot, const struct rp_event *event)
{
	int64_t took = event->rtt != RP_TIME_NONE ? event->rtt : event->received.ns - slot->handed;

	return took > slot->probe.timeout;
}

static void take_reply(struct session *session, uint32_t index, struct rp_event *event)
{
	struct slot *slot = inflight_slot(session->inflight, index);
	bool late = is_late(slot, event), again = slot->state == SLOT_ANSWERED;
	bool repeated = again && is_repeated(slot, event);

	if (event->reason == RP_REASON_SYN_ACK && slot->accepted == RP_TIME_NONE)
		slot->accepted = event->received.ns;
	/* What was due before it is given up before it. What then still waits has no transmit stamp, while earlier
	 * probes have: it stood in a queue behind them, and the time shown is not the network's. */
	if (late && slot->state == SLOT_WAITING) {
		session_give_up(session, event->received.ns, event->time);
		late = slot->state != SLOT_WAITING;
	}
	event->was_given_up = slot->state == SLOT_EXPIRED;
	event->different_address = !rp_addr_equal(event->from, slot->probe.destination);
	if (session->type->compare != NULL)
		event->wrong_data_offset = session->type->compare(&session->env, &slot->probe, event->packet);
	if (again)
		event->kind = repeated ? RP_EVENT_REPEATED : RP_EVENT_DUPLICATE;
	else
		event->kind = late ? RP_EVENT_LATE : RP_EVENT_REPLY;
	if (repeated)
		event->rtt = RP_TIME_NONE;
	else if (!again && may_be_repeated(session, event))
		event->remarks |= RP_REMARK_MAYBE_REPEATED;
	inflight_finish(session->inflight, index, SLOT_ANSWERED);
	session_emit(session, event);
	if (event->kind == RP_EVENT_REPLY && !event->was_given_up)
		session_series_answered(session, slot, event);

	int64_t rtt = event->remarks & RP_REMARK_MAYBE_REPEATED ? RP_TIME_NONE : event->rtt;
	int64_t limit = slot->untimed && !repeated ? event->received.ns - event->sent.ns : rtt;
	/* A duplicate is news too: RST, then SYN-ACK. */
	session_inform(session, slot,
		       &(struct plan_news){
			       .kind = PLAN_NEWS_REPLY,
			       .rtt = rtt,
			       .limit = limit,
			       .late = late,
			       .given_up = event->was_given_up,
			       .duplicate = again,
			       .state = event->state,
			       .reason = event->reason,
			       .event = event,
		       },
		       true, event->time);
}

/* The sequence that a packet shows a part of: the highest that was sent and ends like that; as it stands, where it
 * is beyond. */
static uint64_t widened(const struct session *session, const struct match *match)
{
	if (match->span == 0 || match->sequence > session->latest)
		return match->sequence;
	return session->latest - (session->latest - match->sequence) % match->span;
}

/* What the probe of the slot and the answer say. */
static void event_answer(struct session *session, struct rp_event *event, const struct slot *slot,
			 const struct match *match, int64_t now)
{
	session_event_about(session, event, &slot->probe);
	event->state = match->state;
	event->reason = match->reason;
	event->authenticated = match->authenticated;
	event->remarks = match->remarks;
	event_measure(session, event, slot, event->received, now);
	if (match->earlier && !is_only_cause(session, match, slot, event->received))
		event->rtt = RP_TIME_NONE;
}

void session_input(struct session *session, const uint8_t *bytes, size_t length, struct rp_stamp rx, int64_t now)
{
	struct rp_packet packet;
	struct match match;
	struct rp_event event = session_event(RP_EVENT_SUSPECT, now);
	uint32_t target;

	if (session->done)
		return;
	rp_packet_parse(&packet, bytes, length);
	packet.header_made = session->setup.header_made;
	session->type->match(&session->env, &packet, &match);
	if (match.kind == MATCH_FOREIGN)
		return;
	match.sequence = widened(session, &match);
	event.from = packet.ip.source;
	event.packet = &packet;
	event.received = session->config.clock == RP_CLOCK_USER ? session_now(session, now) : rx;
	uint32_t index = find_slot(session, &packet, &match, &target);
	if (index == SLOT_NONE && told_before(session, &packet, &match))
		return;

	struct slot *slot = index != SLOT_NONE ? inflight_slot(session->inflight, index) : NULL;
	/* Guessed: it has not been sent yet, or not when the ACK came. */
	if (slot == NULL || !slot->departed || (match.earlier && event.received.ns < slot->sent.ns)) {
		report_suspect(session, &match, target, &event);
		return;
	}
	event_answer(session, &event, slot, &match, now);
	if (session->again != NULL) {
		size_t made = session->type->build(&session->env, &slot->probe, session->again->bytes,
						   session_packet_size(session));
		event.probe_packet = session_parse_again(session, session->again->bytes, made);
	}
	if (match.kind == MATCH_ERROR)
		take_error(session, slot, &event);
	else
		take_reply(session, index, &event);
}
