/* SPDX-License-Identifier: MIT */
/* Events before their times and verdicts are filled in. */
#include "core/state.h"

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
