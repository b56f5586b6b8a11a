/* SPDX-License-Identifier: MIT */
/* An event names the first row of its address; the others are its aliases. */
#include "app/rows.h"

void rows_prepare(struct rows *rows, const struct rp_config *config)
{
	rows->asked_config = rows->merged_config = *config;
	if (rows->asked == NULL)
		return;
	rows->asked_config.ports_of = rows->asked;
	rows->merged_config.ports_of = rows->merged;
}

static bool is_about(const struct rows *rows, const struct rp_event *event, uint32_t row)
{
	const struct rp_ports *asked = rows->asked[row];

	return event->kind == RP_EVENT_HOST ? rp_ports_count(asked) > 0 : rp_ports_find(asked, event->port) >= 0;
}

/* False: the event is about its own row only. */
static bool hand_to_rows(const struct rows *rows, const struct rp_event *event,
			 void (*take)(void *user, const struct rp_event *event), void *user)
{
	const struct rp_targets *targets = rows->asked_config.targets;
	uint32_t cursor = 0;
	bool taken = false;

	if (event->target >= rp_targets_count(targets))
		return false;
	struct rp_addr address = rp_targets_at(targets, event->target).address;
	if (rp_targets_find(targets, address) != event->target)
		return false; /* it came to that address later, with its own probes */
	for (int64_t row = event->target; row >= 0; row = rp_targets_alias(targets, address, &cursor)) {
		struct rp_event own = *event;

		own.target = (uint32_t)row;
		if (!is_about(rows, event, own.target))
			continue;
		take(user, &own);
		taken = true;
	}
	return taken; /* else a port that nobody asked for */
}

void rows_each(const struct rows *rows, const struct rp_event *event,
	       void (*take)(void *user, const struct rp_event *event), void *user)
{
	if (rows->asked == NULL || !hand_to_rows(rows, event, take, user))
		take(user, event);
}

static struct rp_event bad_event(enum rp_event_kind kind, struct rp_stamp now, const struct bad_row *bad)
{
	const struct rp_stamp never = {.ns = RP_TIME_NONE, .wall = RP_TIME_NONE, .clock = RP_CLOCK_USER};

	return (struct rp_event){
		.kind = kind,
		.time = now.ns,
		.wall = now.wall,
		.target = bad->row,
		.sent = never,
		.received = never,
		.clock = RP_CLOCK_USER,
		.rtt = RP_TIME_NONE,
		.tx_queue = RP_TIME_NONE,
		.rx_wakeup = RP_TIME_NONE,
		.schedule_lag = RP_TIME_NONE,
		.state = RP_STATE_UNKNOWN,
		.reason = bad->reason,
		.wrong_data_offset = UINT32_MAX,
	};
}

void rows_tell_bad(const struct rows *rows, struct rp_stamp now, void (*take)(void *user, const struct rp_event *event),
		   void *user)
{
	for (size_t i = 0; i < rows->bad_count; i++) {
		const struct rp_ports *ports = rows->asked[rows->bad[i].row];
		struct rp_event event = bad_event(RP_EVENT_PORT, now, &rows->bad[i]);

		for (uint32_t port = 0; port < rp_ports_count(ports); port++) {
			event.port = rp_ports_at(ports, port);
			take(user, &event);
		}
		event = bad_event(RP_EVENT_HOST, now, &rows->bad[i]);
		take(user, &event);
	}
}

uint32_t rows_target(const struct rp_targets *targets, uint32_t row)
{
	struct rp_target target = rp_targets_at(targets, row);

	if (!target.alias || target.address.family == RP_FAMILY_NONE)
		return row;
	return (uint32_t)rp_targets_find(targets, target.address);
}
