/* SPDX-License-Identifier: MIT */
/*
 * One run: plan, pacer and probe type make the next packet, and the table of probes remembers it until its answer or
 * its end.
 */
#include "core/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "target/set.h"
#include "wire/ipopts.h"

#define MS_PER_DAY 86400000

/* Beyond this the plan hears that a probe stood in a queue. */
#define QUEUE_NOTED NS_PER_MS

/* Of packets whose time to live is left open (RFC 1700). */
#define USUAL_TIME_TO_LIVE 64

/* ---- beginning and end ------------------------------------------------------------------------ */

static void session_pace(struct session *session)
{
	const struct rp_config *config = &session->config;
	uint64_t each = rp_grid_count(session->grid);

	each = each == 0 ? 1 : each < UINT32_MAX ? each : UINT32_MAX;
	struct plan_pace pace = session->plan_type->pace(config, (uint32_t)each);
	pacer_init(&session->pacer, session->setup.now, pace.period, pace.count, pace.burst);
	session->pacer.slack = pace.slack;
}

int session_new(struct session **out, const struct rp_config *config, const struct session_setup *setup,
		const struct rp_listener *listener)
{
	struct session *session = calloc(1, sizeof *session);
	int error = -ENOMEM;

	if (session == NULL)
		return -ENOMEM;
	session->config = *config;
	session->setup = *setup;
	session->emitted_at = setup->now;
	session->event_offset = setup->wall_offset;
	session->listener = *listener;
	session->type = setup->probe != NULL ? setup->probe : probe_type_of(config->probe);
	session->plan_type = setup->plan != NULL ? setup->plan : plan_type_of(config->plan);
	session->target_count = rp_targets_count(config->targets);
	session->queued_until = INT64_MIN;
	session->last_sent = SLOT_NONE;
	session->deadline = config->deadline == RP_TIME_NONE ? INT64_MAX : setup->now + config->deadline;
	session->env = (struct probe_env){
		.config = &session->config,
		.key = setup->key,
		.identifier = setup->identifier,
		.port_base = setup->port_base,
		.port_count = setup->port_count,
		.port_turn = setup->port_count > 0 && !session->plan_type->chooses_ports ? setup->port_count : 1,
	};
	session->span = session->type->span(&session->env);
	session->usual = (struct rp_probe){
		.source = config->source,
		.length = config->payload_length,
		.time_to_live = config->time_to_live,
		.type_of_service = config->type_of_service,
		.dont_fragment = config->path_mtu != RP_PATH_MTU_DONT,
	};
	error = set_ready(config->targets);
	if (error < 0)
		goto out;
	error = -ENOMEM;
	session->grid = rp_targets_probed(config->targets);
	const struct rp_ports *ports = rp_targets_all_ports(config->targets);
	session->pair_count = rp_grid_count(session->grid);
	session->port_count = ports != NULL ? rp_ports_count(ports) : 1;
	session_pace(session);
	tx_sampling_init(&session->sample, setup->now, config->timed_rate);

	error = session_open_stats_table(session);
	if (error < 0)
		goto out;
	error = session_open_series(session);
	if (error < 0)
		goto out;
	if (config->show_sent) {
		session->again = malloc(sizeof *session->again + session_packet_size(session));
		error = -ENOMEM;
		if (session->again == NULL)
			goto out;
	}
	error = inflight_new(&session->inflight, session->plan_type->capacity(config, rp_grid_count(session->grid)),
			     !session->plan_type->attempts);
	if (error < 0)
		goto out;
	error = session->plan_type->open(&session->plan, &(struct plan_setup){
								 .config = &session->config,
								 .port_base = setup->port_base,
								 .port_count = setup->port_count,
							 });
	if (error < 0)
		goto out;
	*out = session;
	return 0;
out:
	session_free(session);
	return error;
}

void session_free(struct session *session)
{
	if (session == NULL)
		return;
	if (session->plan != NULL)
		session->plan_type->close(session->plan);
	inflight_free(session->inflight);
	session_close_stats_table(session);
	free(session->series);
	free(session->again);
	free(session);
}

bool session_done(const struct session *session)
{
	return session->done;
}

uint32_t session_waiting(const struct session *session)
{
	return inflight_waiting(session->inflight);
}

void session_moved(struct session *session, int64_t now, uint32_t target, struct rp_addr before)
{
	struct rp_event event = session_event(RP_EVENT_ADDRESS, now);

	event.target = target;
	event.address = set_address(session->config.targets, target);
	event.from = before;
	if (!session->done)
		session_emit(session, &event);
}

void session_targets_changed(struct session *session)
{
	session->changed = true;
}

bool session_targets_fixed(const struct session *session)
{
	return session->plan_type->targets == NULL;
}

void session_set_wall_offset(struct session *session, int64_t offset)
{
	session->setup.wall_offset = offset;
	session->event_offset = ns_later(offset, session->event_offset);
}

struct rp_stamp session_time(struct session *session, int64_t now)
{
	int64_t time = session->emitted_at = ns_later(now, session->emitted_at);

	return (struct rp_stamp){.ns = time, .wall = time + session->event_offset, .clock = RP_CLOCK_USER};
}

/* ---- sending ---------------------------------------------------------------------------------- */

/* The probe of the same series before this one, when it still waits. */
static void emit_overdue(struct session *session, const struct rp_probe *probe, int64_t now)
{
	uint32_t index = session_find(session, probe->target, probe->port, probe->sequence - 1);

	if (index == SLOT_NONE || probe->sequence < 2)
		return;
	struct slot *slot = inflight_slot(session->inflight, index);
	if (slot->state != SLOT_WAITING || !slot->departed || slot->overdue)
		return;
	slot->overdue = true;
	struct rp_event event = session_event_of(session, RP_EVENT_OVERDUE, now, &slot->probe);
	session_emit(session, &event);
}

/* Headers with all options, and the payload. */
#define HEADERS_MOST (60 + 60)

size_t session_packet_size(const struct session *session)
{
	return HEADERS_MOST + session->config.payload_length;
}

/* Where the packet of a probe leaves from. */
static int session_source(struct session *session, struct rp_probe *probe)
{
	if (probe->destination.family == RP_FAMILY_NONE)
		return -EDESTADDRREQ;
	if (probe->source.family != RP_FAMILY_NONE)
		return 0;
	return session->setup.route(session->setup.user, probe->destination, &probe->source);
}

/* What the plan left open. */
static void session_complete(struct session *session, struct rp_probe *probe, struct rp_addr hop, int64_t now)
{
	const struct probe_env *env = &session->env;
	uint8_t time_to_live = USUAL_TIME_TO_LIVE;

	if (probe->source_port == 0 && env->port_count > 0)
		probe->source_port = (uint16_t)(env->port_base + probe->sequence % env->port_count);
	if (session->setup.metrics != NULL)
		session->setup.metrics(session->setup.user, hop, &time_to_live, &probe->dont_fragment);
	if (probe->time_to_live == 0)
		probe->time_to_live = time_to_live;
	if (session->config.ip_option != RP_IP_OPTION_NONE)
		probe->midnight_ms = (uint32_t)((now + session->setup.wall_offset) / NS_PER_MS % MS_PER_DAY);
}

int session_next(struct session *session, int64_t now, struct frame *frame)
{
	struct slot unsendable = {.state = SLOT_FREE, .probe = session->usual};
	struct rp_probe *probe = &unsendable.probe;

	if (session->done || now >= session->deadline || !pacer_ready(&session->pacer, now))
		return 0;
	session_make_room(session, now);
	if (inflight_full(session->inflight) || session->plan_type->next(session->plan, now, probe) != PLAN_PROBE)
		return 0;
	int64_t due = pacer_due(&session->pacer);
	pacer_take(&session->pacer, now);

	int error = session_source(session, probe);
	if (error < 0) {
		session_emit_unsent(session, &unsendable, now, -error);
		return 0;
	}
	frame->next = ipopts_first_hop(&session->config, probe->destination);
	session_complete(session, probe, frame->next, now);
	if (probe->sequence > session->latest)
		session->latest = probe->sequence;
	frame->length = session->type->build(&session->env, probe, frame->bytes, frame->size);
	frame->timed = tx_sampling_take(&session->sample, now);
	frame->patience = probe->timeout;
	/* It waits for an answer from when the kernel takes it; until then nothing ends it. */
	frame->slot = inflight_add(session->inflight, probe, probe->sequence % session->span, now, INT64_MAX);
	struct slot *slot = inflight_slot(session->inflight, frame->slot);
	slot->schedule_lag = due >= session->setup.now ? now - due : RP_TIME_NONE;
	slot->untimed = !frame->timed;
	return 1;
}

void session_refused(struct session *session, int error)
{
	session->refused = error;
}

void session_sent(struct session *session, const struct frame *frame, int64_t now, int error)
{
	uint32_t index = frame->slot;
	struct slot *slot = inflight_slot(session->inflight, index);
	int64_t timeout = slot->probe.timeout;

	session->refused = 0;
	if (session->config.report_overdue)
		emit_overdue(session, &slot->probe, now);
	if (error != 0) {
		inflight_finish(session->inflight, index, SLOT_FREE);
		session_emit_unsent(session, slot, now, error);
		return;
	}
	slot->departed = true;
	session->last_sent = index;
	if (slot->schedule_lag != RP_TIME_NONE)
		slot->schedule_lag += now - slot->handed;
	slot->handed = now;
	session_series_sent(session, index);
	inflight_arm(session->inflight, index, timeout < INT64_MAX - now ? now + timeout : INT64_MAX);
	if (slot->sent.ns == RP_TIME_NONE)
		slot->sent = session_now(session, now);
	struct rp_event event = session_event_of(session, RP_EVENT_SENT, now, &slot->probe);
	event.sent = slot->sent;
	event.schedule_lag = slot->schedule_lag;
	if (session->again != NULL)
		event.packet = session_parse_again(session, frame->bytes, frame->length);
	session_emit(session, &event);
	session_inform(session, slot, &(struct plan_news){.kind = PLAN_NEWS_SENT, .event = &event}, false, now);
}

void session_tx_stamp(struct session *session, uint32_t index, struct rp_stamp tx)
{
	struct slot *slot = inflight_slot(session->inflight, index);
	struct rp_stamp *sent = &slot->sent;
	int64_t hardware = tx.hardware != 0 ? tx.hardware : sent->hardware;

	if (session->config.clock == RP_CLOCK_USER)
		return;
	if (tx.clock != RP_CLOCK_USER)
		*sent = tx;
	sent->hardware = hardware;
	if (tx.clock == RP_CLOCK_USER || slot->state != SLOT_WAITING || !slot->departed)
		return;
	session_left(session, index);
	if (tx.ns - slot->handed > QUEUE_NOTED)
		session_inform(session, slot, &(struct plan_news){.kind = PLAN_NEWS_LEFT}, false, tx.ns);
}
