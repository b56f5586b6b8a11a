/* SPDX-License-Identifier: MIT */
/*
 * Events: how they are made, and how they leave. Whatever happens leaves by session_emit(): it is counted first and
 * reported then, so that an event and the counters agree.
 */
#include "core/state.h"

#include <errno.h>

#include "base/ns.h"

struct rp_event session_event(enum rp_event_kind kind, int64_t now)
{
	return (struct rp_event){
		.kind = kind,
		.time = now,
		.target = TARGET_UNKNOWN,
		.sent = {RP_TIME_NONE, RP_TIME_NONE, RP_CLOCK_USER, 0},
		.received = {RP_TIME_NONE, RP_TIME_NONE, RP_CLOCK_USER, 0},
		.clock = RP_CLOCK_USER,
		.rtt = RP_TIME_NONE,
		.tx_queue = RP_TIME_NONE,
		.rx_wakeup = RP_TIME_NONE,
		.schedule_lag = RP_TIME_NONE,
		.wrong_data_offset = UINT32_MAX,
	};
}

struct rp_event session_event_of(const struct session *session, enum rp_event_kind kind, int64_t now,
				 const struct rp_probe *probe)
{
	struct rp_event event = session_event(kind, now);

	session_event_about(session, &event, probe);
	return event;
}

void session_event_about(const struct session *session, struct rp_event *event, const struct rp_probe *probe)
{
	bool tries = session->plan_type->attempts;

	event->probe = probe;
	event->target = probe->target;
	event->address = probe->destination;
	event->port = probe->port;
	event->sequence = tries ? 0 : probe->sequence;
	event->attempt = tries ? (unsigned)probe->sequence : 1;
}

const struct rp_packet *session_parse_again(struct session *session, const uint8_t *bytes, size_t length)
{
	struct rp_packet *packet = &session->again->packet;

	rp_packet_parse(packet, bytes, length);
	packet->header_made = session->setup.header_made;
	return packet;
}

void session_emit(struct session *session, struct rp_event *event)
{
	/* What is given up was due before the answers that were read in the same step. */
	event->time = session->emitted_at = ns_later(event->time, session->emitted_at);
	event->wall = event->time + session->event_offset;
	session_count(session, event);
	session->listener.event(session->listener.user, event);
}

void session_fetch(struct session *session)
{
	struct rp_event event;

	while (session->plan_type->decided != NULL && session->plan_type->decided(session->plan, &event))
		session_emit(session, &event);
}

struct rp_stamp session_now(const struct session *session, int64_t now)
{
	return (struct rp_stamp){.ns = now, .wall = now + session->setup.wall_offset, .clock = RP_CLOCK_USER};
}

void session_inform(struct session *session, struct slot *slot, struct plan_news *news, bool concludes, int64_t now)
{
	news->probe = &slot->probe;
	news->concluded = concludes && !slot->concluded;
	slot->concluded |= concludes;
	session_notify(session, news, now);
}

void session_notify(struct session *session, const struct plan_news *news, int64_t now)
{
	if (session->plan_type->hears & PLAN_HEARS(news->kind)) {
		session->plan_type->news(session->plan, now, news);
		session_fetch(session);
	}
}

void session_emit_unsent(struct session *session, struct slot *slot, int64_t now, int error)
{
	struct rp_event event = session_event_of(session, RP_EVENT_UNSENT, now, &slot->probe);

	event.error = error;
	if (error == EMSGSIZE && session->setup.mtu != NULL)
		event.mtu = session->setup.mtu(session->setup.user, slot->probe.destination);
	session_emit(session, &event);
	session_inform(session, slot, &(struct plan_news){.kind = PLAN_NEWS_UNSENT, .event = &event}, true, now);
}
