/* SPDX-License-Identifier: MIT */
/* Scenes of scans. */
#include "scene.h"

static void tell_remarked(struct scene *scene, uint16_t port, enum rp_state state, enum rp_reason reason,
			  unsigned remarks)
{
	struct rp_event event = tcp_answer(scene, RP_EVENT_PORT, state, reason);

	event.port = port;
	event.sequence = 0;
	event.remarks = remarks;
	if (reason == RP_REASON_NO_RESPONSE) {
		event.packet = NULL;
		event.from = (struct rp_addr){0};
		event.rtt = RP_TIME_NONE;
	}
	tell(scene, event);
}

static void tell_port(struct scene *scene, uint32_t target, uint16_t port, enum rp_state state, enum rp_reason reason)
{
	struct rp_event event = of_target(scene, target, tcp_answer(scene, RP_EVENT_PORT, state, reason));

	event.port = port;
	event.sequence = 0;
	if (reason == RP_REASON_NO_RESPONSE || reason == RP_REASON_SEND_FAILED || reason == RP_REASON_NONE) {
		event.packet = NULL;
		event.from = (struct rp_addr){0};
		event.rtt = RP_TIME_NONE;
		event.attempt = 3;
	} else if (reason == RP_REASON_ADMIN_PROHIBITED) {
		event.from = addr(1);
		event.rtt = 3100 * MS;
		scene->packet.ip.protocol = RP_PROTOCOL_ICMP;
		scene->packet.icmp = (struct rp_icmp){.type = RP_ICMP_DESTINATION_UNREACHABLE, .code = 13};
	}
	tell(scene, event);
}

static void report_host(struct scene *scene, uint32_t target)
{
	struct rp_event event = happens(scene, RP_EVENT_HOST, 2);

	event.sequence = 0;
	event.target = target;
	tell(scene, event);
}

/* The answers come in any order; a port is revised. */
void scan_plain(struct scene *scene)
{
	scan_base(scene);
	scene->targets.list[0] =
		(struct rp_target){.address = addr(2), .name = "web.example", .canonical = "www.web.example"};
	scene->targets.ports = (struct rp_ports){.count = 5, .first = 22, .step = 421}; /* 22 443 864 1285 1706 */
	begin(scene);
	tell_port(scene, 0, 864, RP_STATE_FILTERED, RP_REASON_ADMIN_PROHIBITED);
	tell_port(scene, 0, 443, RP_STATE_CLOSED, RP_REASON_RESET);
	tell_port(scene, 0, 443, RP_STATE_OPEN, RP_REASON_SYN_ACK);
	tell_port(scene, 0, 22, RP_STATE_CLOSED, RP_REASON_RESET);
	tell_port(scene, 0, 1706, RP_STATE_UNKNOWN, RP_REASON_SEND_FAILED);
	tell_port(scene, 0, 1285, RP_STATE_FILTERED, RP_REASON_NO_RESPONSE);
	scene->ledger[0] =
		(struct rp_stats){.sent = 7, .received = 3, .lost = 4, .suspect = 2, .errors = 1, .unsent = 1};
	set_rtt(&scene->ledger[0], 112000, 112000, 112000, 0);
	*total(scene) = scene->ledger[0];
	report_host(scene, 0);
	tell_port(scene, 0, 1285, RP_STATE_OPEN, RP_REASON_SYN_ACK);
	tell_done(scene, RP_END_COMPLETE);
}

/* 60 ports: 59 closed or filtered ones are folded, an open one is not. */
void scan_folded(struct scene *scene)
{
	struct rp_event suspect;

	scan_base(scene);
	scene->targets.ports = (struct rp_ports){.count = 60, .first = 22, .step = 1};
	begin(scene);
	suspect = happens(scene, RP_EVENT_SUSPECT, 0);
	suspect.suspicion = RP_SUSPECT_ACKNOWLEDGMENT;
	tell(scene, suspect);
	suspect.target = UINT32_MAX;
	tell(scene, suspect);
	tell(scene, suspect);
	tell_port(scene, 0, 22, RP_STATE_OPEN, RP_REASON_SYN_ACK);
	for (uint16_t port = 23; port < 82; port++) {
		if (port < 50)
			tell_port(scene, 0, port, RP_STATE_CLOSED, RP_REASON_RESET);
		else if (port < 80)
			tell_port(scene, 0, port, RP_STATE_FILTERED, RP_REASON_NO_RESPONSE);
		else
			tell_port(scene, 0, port, RP_STATE_FILTERED, RP_REASON_ADMIN_PROHIBITED);
	}
	report_host(scene, 0);
	tell_done(scene, RP_END_COMPLETE);
}

/* Three hosts, interrupted: one finished, one begun, one untouched. */
void scan_cut(struct scene *scene)
{
	syn_base(scene);
	add_targets(scene);
	scene->config.plan = RP_PLAN_SCAN;
	scene->targets.ports = (struct rp_ports){.count = 3, .first = 22, .step = 421};
	begin(scene);
	tell_port(scene, 2, 22, RP_STATE_CLOSED, RP_REASON_RESET);
	for (uint32_t i = 0; i < 3; i++)
		tell_port(scene, 0, (uint16_t)(22 + i * 421), RP_STATE_OPEN, RP_REASON_SYN_ACK);
	report_host(scene, 0);
	for (uint32_t i = 1; i < 3; i++) {
		for (uint32_t j = i - 1; j < 3; j++)
			tell_port(scene, i, (uint16_t)(22 + j * 421), RP_STATE_UNKNOWN, RP_REASON_NONE);
		report_host(scene, i);
	}
	tell_done(scene, RP_END_STOPPED);
}

/* Answers that came late or after a reset, and what was noticed of the host. */
void scan_evidence(struct scene *scene)
{
	struct rp_event suspect, host;

	scan_base(scene);
	scene->targets.ports = (struct rp_ports){.count = 5, .first = 22, .step = 421}; /* 22 443 864 1285 1706 */
	begin(scene);
	for (uint32_t i = 0; i < 3; i++) {
		struct rp_event port = tcp_answer(scene, RP_EVENT_PORT, RP_STATE_OPEN, RP_REASON_SYN_ACK);

		port.port = (uint16_t)(22 + 421 * i);
		port.sequence = 0;
		port.attempt = i + 1;
		port.conflict = i > 0;
		port.late = i > 1;
		tell(scene, port);
	}
	tell_remarked(scene, 1285, RP_STATE_CLOSED, RP_REASON_RESET, RP_REMARK_SHORT_ACK);
	tell_remarked(scene, 1706, RP_STATE_FILTERED, RP_REASON_NO_RESPONSE,
		      RP_REMARK_CHALLENGED | RP_REMARK_BARE_RESET | RP_REMARK_BARE_SYN | RP_REMARK_UNVERIFIED |
			      RP_REMARK_REDIRECT | RP_REMARK_SOURCE_QUENCH);
	suspect = happens(scene, RP_EVENT_SUSPECT, 0);
	suspect.suspicion = RP_SUSPECT_ACKNOWLEDGMENT;
	tell(scene, suspect);
	tell(scene, suspect);
	host = happens(scene, RP_EVENT_HOST, 2);
	host.sequence = 0;
	host.findings = RP_FINDING_ANSWERS_EVERYTHING | RP_FINDING_ICMP_LIMITED | RP_FINDING_RST_LIMITED |
			RP_FINDING_MAYBE_CLOSED;
	tell(scene, host);
	tell_done(scene, RP_END_COMPLETE);
}

static void tell_at(struct scene *scene, uint32_t target, uint64_t second, enum rp_event_kind kind, enum rp_state state)
{
	struct rp_event event =
		of_target(scene, target,
			  tcp_answer(scene, kind, state, state == RP_STATE_OPEN ? RP_REASON_SYN_ACK : RP_REASON_RESET));

	event.time = (int64_t)second * 1000 * MS;
	event.wall = WALL + event.time;
	event.sequence = 0;
	if (kind == RP_EVENT_HOST)
		event.reason = RP_REASON_NONE; /* as a session says it */
	tell(scene, event);
}

/* The first host is decided after a second, and found open after nine; its line comes after eleven, and what comes
 * later has none. The second has a probe in flight at the end, the third was not asked. */
void scan_held(struct scene *scene)
{
	scan_base(scene);
	add_targets(scene);
	scene->run.verbose = 1;
	scene->ledger[0] = (struct rp_stats){.sent = 2, .received = 1, .late = 1, .duplicates = 1};
	scene->ledger[1] = (struct rp_stats){.sent = 2, .received = 1, .in_flight = 1};
	*total(scene) = (struct rp_stats){.sent = 4, .received = 2, .late = 1, .in_flight = 1, .duplicates = 1};
	set_rtt(&scene->ledger[0], 112000, 112000, 112000, 0);
	set_rtt(&scene->ledger[1], 112000, 112000, 112000, 0);
	set_rtt(total(scene), 112000, 112000, 112000, 0);
	begin(scene);
	tell_at(scene, 0, 1, RP_EVENT_PORT, RP_STATE_CLOSED);
	tell_at(scene, 0, 1, RP_EVENT_HOST, RP_STATE_CLOSED);
	tell_at(scene, 0, 9, RP_EVENT_LATE, RP_STATE_OPEN);
	tell_at(scene, 0, 9, RP_EVENT_PORT, RP_STATE_OPEN);
	tell_at(scene, 1, 10, RP_EVENT_REPLY, RP_STATE_CLOSED);
	tell_at(scene, 1, 11, RP_EVENT_PORT, RP_STATE_CLOSED);
	tell_at(scene, 0, 12, RP_EVENT_DUPLICATE, RP_STATE_OPEN);
	tell_at(scene, 0, 13, RP_EVENT_PORT, RP_STATE_OPEN);
	tell_at(scene, 1, 14, RP_EVENT_HOST, RP_STATE_CLOSED);
	tell(scene, ended(scene, 30, RP_END_STOPPED));
}

void scan_none_open(struct scene *scene)
{
	scan_base(scene);
	scene->targets.ports = (struct rp_ports){.count = 2, .first = 22, .step = 421};
	begin(scene);
	tell_port(scene, 0, 22, RP_STATE_CLOSED, RP_REASON_RESET);
	tell_port(scene, 0, 443, RP_STATE_FILTERED, RP_REASON_NO_RESPONSE);
	report_host(scene, 0);
	tell_done(scene, RP_END_COMPLETE);
}

void scan_nothing(struct scene *scene)
{
	scan_base(scene);
	begin(scene);
	tell_done(scene, RP_END_STOPPED);
}

static void report_bad(struct scene *scene, uint32_t target, enum rp_reason reason)
{
	struct rp_event host = happens(scene, RP_EVENT_HOST, 0);

	host.target = target;
	host.address = (struct rp_addr){.family = RP_FAMILY_NONE};
	host.attempt = 0;
	for (uint32_t i = 0; i < scene->targets.ports_of[target]->count; i++) {
		struct rp_event port = host;

		port.kind = RP_EVENT_PORT;
		port.port = rp_ports_at(scene->targets.ports_of[target], i);
		port.reason = reason;
		tell(scene, port);
	}
	host.reason = reason;
	tell(scene, host);
}

/* Two names of one address, a name without one, and what is no target. XML is told of the first name alone. */
void scan_names(struct scene *scene)
{
	static const struct rp_ports none;
	bool merged = strcmp(scene->output, "xml") == 0;

	scan_base(scene);
	scene->targets.count = 4;
	scene->targets.list[0] =
		(struct rp_target){.address = addr(2), .name = "web.example", .canonical = "web.example"};
	scene->targets.list[1] = (struct rp_target){
		.address = addr(2), .name = "db.example", .canonical = "web.example", .follows = true};
	scene->targets.list[2] =
		(struct rp_target){.name = "lost.example", .canonical = "lost.example", .bad = RP_REASON_NO_ADDRESS};
	scene->targets.list[3] =
		(struct rp_target){.name = "10.0.0.3:99999", .canonical = "", .bad = RP_REASON_BAD_TARGET};
	scene->targets.ports = (struct rp_ports){.count = 2, .first = 22, .step = 421};
	for (uint32_t i = 0; i < 4; i++)
		scene->targets.ports_of[i] = i < 3 ? &scene->targets.ports : &none;
	begin(scene);
	report_bad(scene, 2, RP_REASON_NO_ADDRESS);
	report_bad(scene, 3, RP_REASON_BAD_TARGET);
	for (uint32_t target = 0; target < (merged ? 1 : 2); target++) {
		tell_port(scene, target, 22, RP_STATE_OPEN, RP_REASON_SYN_ACK);
		tell_port(scene, target, 443, RP_STATE_CLOSED, RP_REASON_RESET);
		report_host(scene, target);
	}
	if (merged)
		scene->targets.ports_of[1] = &none;
	tell_done(scene, RP_END_COMPLETE);
}
