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

struct rp_event session_event_of(enum rp_event_kind kind, int64_t now, const struct probe *probe)
{
	struct rp_event event = session_event(kind, now);

	event.target = probe->target;
	event.address = probe->destination;
	event.port = probe->port;
	event.sequence = probe->sequence;
	event.attempt = probe->attempt;
	return event;
}
