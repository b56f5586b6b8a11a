/* SPDX-License-Identifier: MIT */
/* Scenarios of scans, as text. */
#include "scene.h"

void tell_port(struct scene *scene, uint32_t target, uint16_t port, enum rp_state state, enum rp_reason reason)
{
	struct rp_event event = tcp_answer(scene, RP_EVENT_PORT, state, reason);

	event.target = target;
	event.address = event.from = scene->targets.list[target].address;
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
	tell(scene, &event);
}

void tell_host(struct scene *scene, uint32_t target)
{
	struct rp_event event = happens(scene, RP_EVENT_HOST, 2);

	event.sequence = 0;
	event.target = target;
	tell(scene, &event);
}

void tell_done(struct scene *scene, enum rp_end end)
{
	struct rp_event event = ended(scene, 5, end);

	tell(scene, &event);
}

/* The answers come in any order; a port is revised. */
void scan_one(struct scene *scene, const char *output)
{
	syn_base(scene);
	scene->config.plan = RP_PLAN_SCAN;
	scene->targets.list[0] = (struct rp_target){addr(2), "web.example", "www.web.example"};
	scene->ports = (struct rp_ports){.count = 5, .first = 22, .step = 421}; /* 22 443 864 1285 1706 */
	begin(scene, output);
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
	tell_host(scene, 0);
	tell_port(scene, 0, 1285, RP_STATE_OPEN, RP_REASON_SYN_ACK);
	tell_done(scene, RP_END_COMPLETE);
}

void scan_plain(struct scene *scene)
{
	scan_one(scene, "scan");
}

/* 60 ports: 59 closed or filtered ones are folded, an open one is not. */
static void play_folded(struct scene *scene, const char *output)
{
	struct rp_event suspect;

	syn_base(scene);
	scene->config.plan = RP_PLAN_SCAN;
	scene->ports = (struct rp_ports){.count = 60, .first = 22, .step = 1};
	begin(scene, output);
	suspect = happens(scene, RP_EVENT_SUSPECT, 0);
	suspect.suspicion = RP_SUSPECT_ACKNOWLEDGMENT;
	tell(scene, &suspect);
	suspect.target = UINT32_MAX;
	tell(scene, &suspect);
	tell(scene, &suspect);
	tell_port(scene, 0, 22, RP_STATE_OPEN, RP_REASON_SYN_ACK);
	for (uint16_t port = 23; port < 82; port++) {
		if (port < 50)
			tell_port(scene, 0, port, RP_STATE_CLOSED, RP_REASON_RESET);
		else if (port < 80)
			tell_port(scene, 0, port, RP_STATE_FILTERED, RP_REASON_NO_RESPONSE);
		else
			tell_port(scene, 0, port, RP_STATE_FILTERED, RP_REASON_ADMIN_PROHIBITED);
	}
	tell_host(scene, 0);
	tell_done(scene, RP_END_COMPLETE);
}

/* Three hosts, interrupted: one finished, one begun, one untouched. */
static void play_cut(struct scene *scene, const char *output)
{
	syn_base(scene);
	add_targets(scene);
	scene->config.plan = RP_PLAN_SCAN;
	scene->ports = (struct rp_ports){.count = 3, .first = 22, .step = 421};
	begin(scene, output);
	tell_port(scene, 2, 22, RP_STATE_CLOSED, RP_REASON_RESET);
	for (uint32_t i = 0; i < 3; i++)
		tell_port(scene, 0, (uint16_t)(22 + i * 421), RP_STATE_OPEN, RP_REASON_SYN_ACK);
	tell_host(scene, 0);
	for (uint32_t i = 1; i < 3; i++) {
		for (uint32_t j = i - 1; j < 3; j++)
			tell_port(scene, i, (uint16_t)(22 + j * 421), RP_STATE_UNKNOWN, RP_REASON_NONE);
		tell_host(scene, i);
	}
	tell_done(scene, RP_END_STOPPED);
}

void scan_open(struct scene *scene)
{
	scene->run.only_open = true;
	scan_plain(scene);
}

void scan_folded(struct scene *scene)
{
	play_folded(scene, "scan");
}

void scan_cut(struct scene *scene)
{
	play_cut(scene, "scan");
}

void scan_verbose(struct scene *scene)
{
	scene->run.verbose = 1;
	scan_plain(scene);
}

void scan_color(struct scene *scene)
{
	scene->run.color = true;
	scan_plain(scene);
}

/* Answers that came late or after a reset, and what was noticed of the host. */
static void play_evidence(struct scene *scene, const char *output)
{
	struct rp_event suspect, host;

	syn_base(scene);
	scene->config.plan = RP_PLAN_SCAN;
	scene->ports = (struct rp_ports){.count = 3, .first = 22, .step = 421}; /* 22 443 864 */
	begin(scene, output);
	for (uint32_t i = 0; i < 3; i++) {
		struct rp_event port = tcp_answer(scene, RP_EVENT_PORT, RP_STATE_OPEN, RP_REASON_SYN_ACK);

		port.port = (uint16_t)(22 + 421 * i);
		port.sequence = 0;
		port.attempt = i + 1;
		port.conflict = i > 0;
		port.late = i > 1;
		tell(scene, &port);
	}
	suspect = happens(scene, RP_EVENT_SUSPECT, 0);
	suspect.suspicion = RP_SUSPECT_ACKNOWLEDGMENT;
	tell(scene, &suspect);
	tell(scene, &suspect);
	host = happens(scene, RP_EVENT_HOST, 2);
	host.sequence = 0;
	host.findings = RP_FINDING_ANSWERS_EVERYTHING | RP_FINDING_ICMP_LIMITED;
	tell(scene, &host);
	tell_done(scene, RP_END_COMPLETE);
}

void scan_evidence(struct scene *scene)
{
	play_evidence(scene, "scan");
}

/* ---- the formats for programs ---- */

void xml_evidence(struct scene *scene)
{
	play_evidence(scene, "xml");
}

void xml_evidence_strict(struct scene *scene)
{
	scene->run.scanner = "nmap";
	play_evidence(scene, "xml");
}

void csv_evidence(struct scene *scene)
{
	play_evidence(scene, "csv");
}

void greppable_evidence(struct scene *scene)
{
	play_evidence(scene, "greppable");
}

void json_evidence(struct scene *scene)
{
	play_evidence(scene, "json");
}

static void nothing_decided(struct scene *scene, const char *output)
{
	syn_base(scene);
	scene->config.plan = RP_PLAN_SCAN;
	begin(scene, output);
	tell_done(scene, RP_END_STOPPED);
}

void xml_plain(struct scene *scene)
{
	scene->run.command = "rsyn -p 22,443 'a<b>&\"c' \033[2J";
	scene->config.min_rtt_timeout = 100 * MS;
	scene->config.max_rtt_timeout = 10000 * MS;
	scan_one(scene, "xml");
}

void xml_strict(struct scene *scene)
{
	scene->run.scanner = "nmap";
	xml_plain(scene);
}

void xml_folded(struct scene *scene)
{
	scene->run.scanner = "nmap";
	play_folded(scene, "xml");
}

void xml_cut(struct scene *scene)
{
	scene->run.scanner = "nmap";
	play_cut(scene, "xml");
}

void xml_nothing(struct scene *scene)
{
	scene->run.scanner = "nmap";
	nothing_decided(scene, "xml");
}

void greppable_plain(struct scene *scene)
{
	scene->run.command = "rsyn -p 22,443 \n\033[2J";
	scan_one(scene, "greppable");
}

void greppable_folded(struct scene *scene)
{
	play_folded(scene, "greppable");
}

void greppable_cut(struct scene *scene)
{
	scene->run.verbose = 1;
	play_cut(scene, "greppable");
}

void greppable_nothing(struct scene *scene)
{
	nothing_decided(scene, "greppable");
}

void csv_scan(struct scene *scene)
{
	scan_one(scene, "csv");
}

void csv_cut(struct scene *scene)
{
	play_cut(scene, "csv");
}

void csv_nothing(struct scene *scene)
{
	nothing_decided(scene, "csv");
}
