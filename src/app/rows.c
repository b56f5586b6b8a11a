/* SPDX-License-Identifier: MIT */
/* An event names the target that was probed; others may follow it. */
#include "app/rows.h"

#include <errno.h>

static bool is_about(const struct rp_targets *targets, const struct rp_event *event, uint32_t row)
{
	const struct rp_ports *asked = rp_grid_ports(rp_targets_asked(targets), row);

	return event->kind == RP_EVENT_HOST ? rp_ports_count(asked) > 0 : rp_ports_find(asked, event->port) >= 0;
}

static bool take_row(const struct rp_targets *targets, const struct rp_event *event, uint32_t row,
		     void (*take)(void *user, const struct rp_event *event), void *user)
{
	struct rp_event own = *event;

	own.target = row;
	if (!is_about(targets, event, row))
		return false;
	take(user, &own);
	return true;
}

void rows_each(const struct rp_targets *targets, const struct rp_event *event,
	       void (*take)(void *user, const struct rp_event *event), void *user)
{
	uint32_t cursor = 0;
	int64_t follower = event->target < rp_targets_count(targets)
				   ? rp_targets_follower(targets, event->target, &cursor)
				   : -ENOENT;
	bool taken = follower >= 0 && take_row(targets, event, event->target, take, user);

	for (; follower >= 0; follower = rp_targets_follower(targets, event->target, &cursor))
		taken |= take_row(targets, event, (uint32_t)follower, take, user);
	if (!taken) /* also a port that nobody asked for */
		take(user, event);
}

static struct rp_event bad_event(enum rp_event_kind kind, struct rp_stamp now, uint32_t row, enum rp_reason reason)
{
	const struct rp_stamp never = {.ns = RP_TIME_NONE, .wall = RP_TIME_NONE, .clock = RP_CLOCK_USER};

	return (struct rp_event){
		.kind = kind,
		.time = now.ns,
		.wall = now.wall,
		.target = row,
		.sent = never,
		.received = never,
		.clock = RP_CLOCK_USER,
		.rtt = RP_TIME_NONE,
		.tx_queue = RP_TIME_NONE,
		.rx_wakeup = RP_TIME_NONE,
		.schedule_lag = RP_TIME_NONE,
		.state = RP_STATE_UNKNOWN,
		.reason = reason,
		.wrong_data_offset = UINT32_MAX,
	};
}

void rows_report_bad(const struct rp_targets *targets, struct rp_stamp now,
		     void (*take)(void *user, const struct rp_event *event), void *user)
{
	uint32_t count = rp_targets_count(targets), row = count;

	/* They were added last. */
	while (row > 0 && rp_targets_at(targets, row - 1).bad != RP_REASON_NONE)
		row--;
	for (; row < count; row++) {
		const struct rp_ports *ports = rp_grid_ports(rp_targets_asked(targets), row);
		struct rp_event event = bad_event(RP_EVENT_PORT, now, row, rp_targets_at(targets, row).bad);

		for (uint32_t port = 0; port < rp_ports_count(ports); port++) {
			event.port = rp_ports_at(ports, port);
			take(user, &event);
		}
		event.port = 0;
		event.kind = RP_EVENT_HOST;
		take(user, &event);
	}
}

uint32_t rows_target(const struct rp_targets *targets, uint32_t row)
{
	struct rp_target target = rp_targets_at(targets, row);

	return target.follows ? target.leader : row;
}
