/* SPDX-License-Identifier: MIT */
/*
 * What a received packet is: decoded, claimed by the probe type, looked up among what was sent, told. Hides
 * why a packet is not believed.
 */
#include "base/ns.h"
#include "core/state.h"
#include "wire/icmp.h"

/* By how much a true round trip on the wire may exceed the kernel's, for clocks that run a little differently. */
#define HARDWARE_SLACK_NS 100000

/* Half of what RFC 6298 section 2 lets a target wait at least, since the first may have been the slower one on the way. */
#define REPEATED_AFTER (NS_PER_S / 2)

/* A shorter time in this host is not worth a word. */
#define QUEUED_LEAST_NS 1000000

/* Timers of targets are late by up to so small a part: Linux repeats after 1.0, 3.1, 7.2 and 15.4 s. */
#define TIMER_SLACK 16

/* Of the probes behind the one that the claim names, one of which has caused the answer, the first that waits, or else the last that
 * was given up. */
static uint32_t find_behind(const struct session *session, const struct claim *claim, uint32_t target)
{
	uint32_t late = SLOT_NONE;

	for (unsigned nth = 1; nth <= PROBE_BEHIND; nth++) {
		uint32_t index = inflight_find(session->inflight, target, claim->port,
					       session->type->behind(claim->number, nth));
		const struct slot *slot = index != SLOT_NONE ? inflight_slot(session->inflight, index) : NULL;

		if (slot != NULL && slot->state == SLOT_WAITING && slot->departed)
			return index;
		if (slot != NULL && slot->state == SLOT_EXPIRED)
			late = index;
	}
	return late;
}

/* Whether no other probe behind the one that the claim names can have caused the answer: it is the very next, and when the answer
 * came the one behind it had not left. */
static bool is_only_cause(const struct session *session, const struct claim *claim, const struct slot *slot,
			  struct rp_stamp rx)
{
	uint32_t further = inflight_find(session->inflight, slot->probe.target, slot->probe.port,
					 session->type->behind(claim->number, 2));
	const struct slot *other = further != SLOT_NONE ? inflight_slot(session->inflight, further) : NULL;

	return slot->probe.number == session->type->behind(claim->number, 1) &&
	       (other == NULL || !other->departed || rx.ns < other->sent.ns);
}

static uint32_t find_at(const struct session *session, const struct claim *claim, int64_t target)
{
	uint32_t index;

	if (target < 0)
		return SLOT_NONE;
	if (claim->earlier)
		return find_behind(session, claim, (uint32_t)target);
	index = inflight_find(session->inflight, (uint32_t)target, claim->port, claim->number);
	if (index == SLOT_NONE && claim->with_data != claim->number)
		index = inflight_find(session->inflight, (uint32_t)target, claim->port, claim->with_data);
	if (index == SLOT_NONE && claim->uncounted != claim->number)
		index = inflight_find(session->inflight, (uint32_t)target, claim->port, claim->uncounted);
	return index;
}

static bool waits(const struct session *session, uint32_t index)
{
	return index != SLOT_NONE && inflight_slot(session->inflight, index)->state == SLOT_WAITING;
}

/* Of the targets that are or were at an address, the first whose probe waits for this answer, else what was `found` before, else any.
 * Answers come in the order of the probes: the search begins behind the target of the last, and goes round once. */
static uint32_t find_moved(struct session *session, struct claim *claim, uint32_t found)
{
	uint32_t begin = rp_addr_equal(session->moved_to, claim->destination) ? session->moved_at : 0;
	uint32_t cursor = begin;
	bool round = begin == 0, last = false;

	while (!last && !waits(session, found)) {
		int64_t other = session->setup.find_moved(session->config.targets, claim->destination, &cursor);

		if (other < 0) {
			last = round;
			round = true;
			cursor = 0;
			continue;
		}
		last = round && begin > 0 && cursor == begin;
		uint32_t index = find_at(session, claim, other);
		if (found != SLOT_NONE && !waits(session, index))
			continue;
		claim->target = (uint32_t)other;
		found = index;
		session->moved_to = claim->destination;
		session->moved_at = cursor;
	}
	return found;
}

/* The probe that the claim is about, SLOT_NONE if there is none. Where only an address says whom the claim is about,
 * its target is filled in. Names may have led several targets to one address: then it is the one whose probe waits
 * for an answer. */
static uint32_t find_slot(struct session *session, struct claim *claim)
{
	const struct rp_targets *targets = session->config.targets;
	bool named = claim->target != TARGET_UNKNOWN;

	if (!named && claim->destination.family == RP_FAMILY_NONE)
		return SLOT_NONE;
	int64_t target = named ? claim->target : session->setup.find(targets, claim->destination);
	if (target >= 0)
		claim->target = (uint32_t)target;
	if (claim->kind == CLAIM_SUSPECT)
		return SLOT_NONE;

	uint32_t found = find_at(session, claim, target);
	return named || session->setup.find_moved == NULL ? found : find_moved(session, claim, found);
}

/* Why a claim that matches nothing we sent is not believed. */
static enum rp_suspicion suspicion_of(const struct session *session, const struct claim *claim)
{
	if (claim->kind == CLAIM_SUSPECT)
		return claim->suspicion;
	bool error = claim->kind == CLAIM_ERROR, tcp = session->type->protocol == RP_PROTOCOL_TCP;
	if (claim->target == TARGET_UNKNOWN)
		return error ? RP_SUSPECT_QUOTE : RP_SUSPECT_SOURCE;
	if (claim->earlier)
		return RP_SUSPECT_CHALLENGE;
	if (tcp)
		return error ? RP_SUSPECT_UNVERIFIED : RP_SUSPECT_ACKNOWLEDGMENT;
	/* Its round is over, so it was sent, but nothing is kept of it any more. */
	if (claim->number > 0 && claim->number < session->env.last_sequence)
		return RP_SUSPECT_FORGOTTEN;
	return error ? RP_SUSPECT_QUOTE : RP_SUSPECT_NEVER_SENT;
}

/* When a probe is too large for the path, our own kernel refuses it with an error and says the same by ICMP. */
static bool told_before(const struct session *session, const struct rp_packet *packet, const struct claim *claim)
{
	return claim->kind == CLAIM_ERROR && session->total.ledger.unsent > 0 &&
	       rp_addr_equal(packet->ip.source, packet->quote.ip.source);
}

/* What is worth knowing about the port even so; 0: nothing. */
static unsigned remark_of(const struct rp_event *event)
{
	switch (event->suspicion) {
	case RP_SUSPECT_CHALLENGE:
		return RP_REMARK_CHALLENGED;
	case RP_SUSPECT_UNVERIFIED:
		return RP_REMARK_UNVERIFIED;
	case RP_SUSPECT_UNPROVEN:
		return event->packet->tcp.flags & RP_TCP_RST ? RP_REMARK_BARE_RESET : RP_REMARK_BARE_SYN;
	case RP_SUSPECT_NONE:
	case RP_SUSPECT_CHECKSUM:
	case RP_SUSPECT_TRUNCATED:
	case RP_SUSPECT_MALFORMED:
	case RP_SUSPECT_COOKIE:
	case RP_SUSPECT_ACKNOWLEDGMENT:
	case RP_SUSPECT_SOURCE:
	case RP_SUSPECT_NEVER_SENT:
	case RP_SUSPECT_QUOTE:
	case RP_SUSPECT_FLAGS:
	case RP_SUSPECT_FORGOTTEN:
		break;
	}
	return 0;
}

static void tell_suspect(struct session *session, const struct claim *claim, struct rp_event *event)
{
	event->kind = RP_EVENT_SUSPECT;
	event->suspicion = suspicion_of(session, claim);
	event->target = claim->target;
	event->address = claim->destination;
	event->port = claim->port;
	event->sequence = session->config.plan == RP_PLAN_SERIES && session->type->protocol == RP_PROTOCOL_ICMP
				  ? claim->number
				  : 0;
	session_tell(session, event);

	unsigned remark = remark_of(event);
	struct probe about = {.target = claim->target, .destination = claim->destination, .port = claim->port};
	if (remark != 0 && claim->target != TARGET_UNKNOWN)
		session->plan_type->news(session->plan, event->time,
					 &(struct plan_news){.kind = PLAN_NEWS_DOUBT,
							     .probe = &about,
							     .rtt = RP_TIME_NONE,
							     .remark = (enum rp_remark)remark,
							     .event = event});
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
	session_tell(session, event);
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

/* Whether it came as much later than usual as targets wait before they repeat a SYN-ACK: a second, and twice as long each
 * time (RFC 6298 section 5). Then the first was lost, most likely, and the time says nothing about the path. */
static bool may_be_repeated(const struct session *session, const struct rp_event *event)
{
	const struct stats *known = session_ledger(session, event->target, event->port);
	int64_t usual = known->ledger.rtt_ewma, spread = (int64_t)(4 * known->jitter) + NS_PER_MS;

	if (event->reason != RP_REASON_SYN_ACK || event->rtt == RP_TIME_NONE || usual == RP_TIME_NONE ||
	    session->config.plan != RP_PLAN_SERIES)
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
	/* What was due before it is given up before it. What then still waits has no transmit stamp, while earlier probes have: it
	 * stood in a queue behind them, and the time shown is not the network's. */
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
	session_tell(session, event);
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

void session_input(struct session *session, const uint8_t *bytes, size_t length, struct rp_stamp rx, int64_t now)
{
	struct rp_packet packet;
	struct claim claim;
	struct rp_event event = session_event(RP_EVENT_SUSPECT, now);
	uint32_t index;

	if (session->done)
		return;
	rp_packet_parse(&packet, bytes, length);
	session->type->claim(&session->env, &packet, &claim);
	if (claim.kind == CLAIM_FOREIGN)
		return;
	event.from = packet.ip.source;
	event.packet = &packet;
	if (session->config.clock == RP_CLOCK_USER)
		rx = session_now(session, now);
	event.received = rx;
	index = find_slot(session, &claim);
	if (index == SLOT_NONE && told_before(session, &packet, &claim))
		return;
	if (index == SLOT_NONE) {
		tell_suspect(session, &claim, &event);
		return;
	}

	struct slot *slot = inflight_slot(session->inflight, index);
	/* Guessed: it has not been sent yet, or not when the ACK came. */
	if (!slot->departed || (claim.earlier && rx.ns < slot->sent.ns)) {
		tell_suspect(session, &claim, &event);
		return;
	}
	event.target = slot->probe.target;
	event.address = slot->probe.destination;
	event.port = slot->probe.port;
	event.sequence = slot->probe.sequence;
	event.attempt = slot->probe.attempt;
	event.state = claim.state;
	event.reason = claim.reason;
	event.authenticated = claim.authenticated;
	event.remarks = claim.remarks;
	if (slot->probe.number == claim.uncounted && claim.uncounted != claim.number)
		event.remarks |= RP_REMARK_SHORT_ACK;
	event_measure(session, &event, slot, rx, now);
	struct rp_packet probe;
	if (session->again != NULL) {
		size_t made =
			session->type->build(&session->env, &slot->probe, session->again, session_packet_size(session));
		rp_packet_parse(&probe, session->again, made);
		event.probe = &probe;
	}
	if (claim.earlier && !is_only_cause(session, &claim, slot, rx))
		event.rtt = RP_TIME_NONE;
	if (claim.kind == CLAIM_ERROR)
		take_error(session, slot, &event);
	else
		take_reply(session, index, &event);
}
