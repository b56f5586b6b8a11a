/* SPDX-License-Identifier: MIT */
/* Scenes of series: ICMP and TCP. */
#include "scene.h"

/* As a run of iputils ping -c 2 -i 0.2 127.0.0.1 printed it. */
void ping_plain(struct scene *scene)
{
	begin(scene);
	tell_bare(scene, RP_EVENT_SENT, 1);
	tell_reply(scene, RP_EVENT_REPLY, 1, 708000);
	tell_reply(scene, RP_EVENT_REPLY, 2, 49000);
	*total(scene) = (struct rp_stats){.sent = 2, .received = 2, .pipe = 1, .last_sent = 203 * MS};
	set_rtt(total(scene), 49000, 378000, 708000, 329000);
}

/* ping -D -v -a -p a5 -I lo localhost; the sequence number wraps; the digits of time=. */
void ping_options(struct scene *scene)
{
	scene->targets.list[0].name = "localhost";
	scene->targets.list[0].canonical = "localhost";
	show_name(scene, "localhost");
	scene->run.source = scene->targets.list[0].address;
	scene->run.timestamps = OUT_TIMESTAMPS_EPOCH;
	scene->ping.audible = true;
	scene->run.verbose = 1;
	scene->config.interface = "lo";
	scene->config.report_overdue = true;
	scene->config.pattern[0] = 0xa5;
	scene->config.pattern_length = 1;
	begin(scene);
	tell_reply(scene, RP_EVENT_REPLY, 65535, 10000);
	tell_bare(scene, RP_EVENT_OVERDUE, 65536);
	tell_bare(scene, RP_EVENT_TIMEOUT, 65536);
	tell_reply(scene, RP_EVENT_REPLY, 65537, 1234567);
	tell_reply(scene, RP_EVENT_REPLY, 65538, 12345678);
	tell_reply(scene, RP_EVENT_REPLY, 65539, 123456789);
	tell_changed(scene, 65540, "cookie");
	*total(scene) =
		(struct rp_stats){.sent = 65539, .received = 65538, .lost = 1, .pipe = 1, .last_sent = 65538000 * MS};
	set_rtt(total(scene), 10000, 34261508, 123456789, 51799000);
}

/* Names that would control the terminal, by ESC, BEL and a CSI in UTF-8. */
void ping_hostile(struct scene *scene)
{
	scene->targets.list[0].name = scene->targets.list[0].canonical = "h\x1b[1m";
	show_name(scene, "r\xc2\x9b"
			 "2J");
	scene->run.source = scene->targets.list[0].address;
	scene->config.interface = "i\af";
	begin(scene);
	tell_reply(scene, RP_EVENT_REPLY, 1, 50000);
	*total(scene) = (struct rp_stats){.sent = 1, .received = 1, .pipe = 1};
	set_rtt(total(scene), 50000, 50000, 50000, 0);
}

/* Everything odd once, then an interrupt with a probe in flight. */
void ping_odd(struct scene *scene)
{
	begin(scene);
	tell_reply(scene, RP_EVENT_REPLY, 1, 500000);
	tell_reply(scene, RP_EVENT_DUPLICATE, 1, 700000);
	tell_changed(scene, 2, "address");
	tell_changed(scene, 3, "checksum");
	tell_changed(scene, 4, "cookie");
	tell_changed(scene, 5, "truncated");
	tell_changed(scene, 6, "data");
	tell_reply(scene, RP_EVENT_LATE, 7, 1500 * MS);
	tell_bare(scene, RP_EVENT_UNSENT, 8);
	tell_bare(scene, RP_EVENT_TIMEOUT, 9);
	tell_reply(scene, RP_EVENT_REPLY, 10, RP_TIME_NONE);
	*total(scene) = (struct rp_stats){
		.sent = 12,
		.unsent = 2,
		.received = 5,
		.lost = 5,
		.late = 1,
		.in_flight = 1,
		.duplicates = 1,
		.errors = 3,
		.corrupted = 1,
		.suspect = 1,
		.pipe = 2,
		.first_sent = 5000 * MS,
		.last_sent = 16012 * MS + 499999,
	};
	set_rtt(total(scene), 500000, 540000, 700000, 80000);
}

/* Every ICMP error, with the options that must not change the lines. */
void ping_errors(struct scene *scene)
{
	begin(scene);
	for (uint8_t code = 0; code <= 16; code++)
		tell(scene, icmp_error(scene, code + 1u, RP_ICMP_DESTINATION_UNREACHABLE, code));
	for (uint8_t code = 0; code <= 4; code++)
		tell(scene, icmp_error(scene, code + 21u, RP_ICMP_REDIRECT, code));
	tell(scene, icmp_error(scene, 31, RP_ICMP_SOURCE_QUENCH, 0));
	for (uint8_t code = 0; code <= 2; code++)
		tell(scene, icmp_error(scene, code + 32u, RP_ICMP_TIME_EXCEEDED, code));
	tell(scene, icmp_error(scene, 35, RP_ICMP_PARAMETER_PROBLEM, 0));
	*total(scene) = (struct rp_stats){.sent = 3, .lost = 3, .errors = 3, .pipe = 3};
	set_rtt(total(scene), RP_TIME_NONE, RP_TIME_NONE, RP_TIME_NONE, RP_TIME_NONE);
	total(scene)->samples = 0;
}

/* -v: the header that an error quotes, with the route it recorded. Fields as a run of iputils ping -v printed them, but
 * for the order of bytes within Len, ID, off and cks. */
void ping_quoted(struct scene *scene)
{
	static const uint8_t options[] = {7, 7, 8, 10, 0, 0, 9, 0};

	scene->run.verbose = 1;
	begin(scene);
	for (unsigned i = 0; i < 2; i++) {
		struct rp_event event = icmp_error(scene, i + 1, RP_ICMP_SOURCE_QUENCH, 0);

		scene->packet.quote.present = true;
		scene->packet.quote.ip = (struct rp_ipv4){
			.version = 4,
			.header_length = i == 0 ? 20 : 28,
			.type_of_service = i == 0 ? 0 : 0xb8,
			.total_length = 84,
			.identification = 0x9504,
			.dont_fragment = i == 0,
			.more_fragments = i == 1,
			.fragment_offset = i == 0 ? 0 : 1480,
			.time_to_live = 64,
			.protocol = RP_PROTOCOL_ICMP,
			.header_checksum = 0xd440,
			.source = rp_addr_ipv4(0xc6120001),
			.destination = rp_addr_ipv4(0x0a400111),
			.options = i == 0 ? NULL : options,
			.options_length = i == 0 ? 0 : sizeof options,
		};
		tell(scene, event);
	}
}

/* ping -I ADDRESS, no answer at all: the line of round trips is empty. */
void ping_silent(struct scene *scene)
{
	scene->targets.list[0].name = NULL; /* an element of a range */
	scene->ping.show_source = true;
	scene->run.source = addr(1);
	scene->config.report_overdue = true;
	begin(scene);
	tell_bare(scene, RP_EVENT_OVERDUE, 1);
	tell_bare(scene, RP_EVENT_OVERDUE, 2);
	total(scene)->sent = total(scene)->lost = 2;
	total(scene)->pipe = 1;
	total(scene)->last_sent = 203 * MS;
}

/* The firewall let nothing out: it must not look alive. */
void ping_unsent(struct scene *scene)
{
	begin(scene);
	tell_bare(scene, RP_EVENT_UNSENT, 1);
	tell_bare(scene, RP_EVENT_UNSENT, 2);
	total(scene)->unsent = 2;
}

/* ping -f; one of three million lost: %g would print an exponent. */
void ping_flood(struct scene *scene)
{
	scene->ping.flood = true;
	scene->config.interval = 0;
	begin(scene);
	tell_bare(scene, RP_EVENT_SENT, 1);
	tell_reply(scene, RP_EVENT_REPLY, 1, 9000);
	tell_reply(scene, RP_EVENT_DUPLICATE, 1, 9000);
	tell_bare(scene, RP_EVENT_SENT, 2);
	tell_bare(scene, RP_EVENT_TIMEOUT, 2);
	*total(scene) = (struct rp_stats){
		.sent = 3000000, .received = 2999999, .lost = 1, .pipe = 1, .last_sent = 54000 * MS, .rtt_ewma = 7000};
	set_rtt(total(scene), 1000, 4000, 9000, 3000);
}

/* A full uplink: the first probe stood in this host for longer than its round trip took. */
void ping_queued(struct scene *scene)
{
	struct rp_event event = reply(scene, RP_EVENT_REPLY, 1, 31000);

	event.tx_queue = 690123000;
	event.queued = true;
	begin(scene);
	tell(scene, event);
	tell_reply(scene, RP_EVENT_REPLY, 2, 49000);
	*total(scene) = (struct rp_stats){.sent = 2,
					  .received = 2,
					  .queued = 1,
					  .tx_queue = {345061500, 690123000},
					  .pipe = 1,
					  .last_sent = 203 * MS};
	set_rtt(total(scene), 31000, 40000, 49000, 9000);
}

/* --outages and --changes of several targets: each line names its own. */
void ping_watched(struct scene *scene)
{
	add_targets(scene);
	scene->ping.outages = scene->ping.changes = true;
	begin(scene);
	for (uint64_t n = 1; n <= 3; n++) {
		for (uint32_t i = 0; i < 2; i++) {
			struct rp_event event = of_target(scene, i, reply(scene, RP_EVENT_REPLY, n, 250000));

			scene->packet.ip.time_to_live = n == 3 && i == 1 ? 63 : 64;
			scene->packet.ip.type_of_service = n == 3 && i == 1 ? 3 : 0;
			tell(scene, event);
		}
	}
	tell_outage(scene, 1, RP_OUTAGE_BEGINS, 4, 4, 4);
	tell_outage(scene, 0, RP_OUTAGE_PASSED, 5, 5, 6);
	tell_outage(scene, 1, RP_OUTAGE_ENDS, 4, 6, 7);
	tell_outage(scene, 2, RP_OUTAGE_BEGINS, 1, 1, 1);
	tell_outage(scene, 2, RP_OUTAGE_GOES_ON, 1, 8, 10);
	set_rtt(total(scene), 250000, 251000, 1252000, 1000);
	total(scene)->outages = 3;
	total(scene)->longest = (struct rp_outage){.first = 1, .last = 8, .start = 1000 * MS, .end = 10000 * MS};
}

/* What --breakdown, --percentiles and --outages add, and the name of a clock that is not the kernel's. */
void ping_breakdown(struct scene *scene)
{
	struct rp_event event;

	scene->ping.breakdown = scene->ping.percentiles = scene->ping.outages = true;
	scene->config.clock = RP_CLOCK_USER;
	begin(scene);
	event = reply(scene, RP_EVENT_REPLY, 1, 50000);
	event.tx_queue = 1001 * MS;
	event.rx_wakeup = RP_TIME_NONE;
	tell(scene, event);
	tell_reply(scene, RP_EVENT_REPLY, 2, 60000);
	set_rtt(total(scene), 50000, 55000, 60000, 5000);
	total(scene)->sent = total(scene)->received = total(scene)->samples = 2;
	total(scene)->last_sent = total(scene)->first_sent + 1000 * MS;
	total(scene)->tx_queue = (struct rp_mean){500500 * INT64_C(1000), 1001 * MS};
	total(scene)->rx_wakeup = (struct rp_mean){RP_TIME_NONE, RP_TIME_NONE};
	total(scene)->schedule_lag = (struct rp_mean){2000, 3000};
	total(scene)->rtt_p50 = 50000;
	total(scene)->rtt_p90 = total(scene)->rtt_p95 = total(scene)->rtt_p99 = total(scene)->rtt_p999 = 60000;
	total(scene)->jitter = 625;
	total(scene)->outages = 2;
	total(scene)->longest = (struct rp_outage){.first = 3, .last = 5, .start = 2000 * MS, .end = 5250 * MS};
	total(scene)->current = (struct rp_outage){.first = 7, .last = 7, .start = 6000 * MS, .end = 7000 * MS};
}

void ping_quiet(struct scene *scene)
{
	scene->config.pattern_length = 1;
	ping_plain(scene);
}

/* Everything that can happen to a probe. */
void ping_everything(struct scene *scene)
{
	struct rp_event event;

	scene->config.count = 4;
	begin(scene);
	tell_bare(scene, RP_EVENT_SENT, 1);
	event = reply(scene, RP_EVENT_REPLY, 65537, 112001);
	event.tx_queue = 2500;
	event.rx_wakeup = 40000;
	event.clock = RP_CLOCK_USER;
	tell(scene, event);
	tell_reply(scene, RP_EVENT_DUPLICATE, 65537, 1 * MS);
	tell_reply(scene, RP_EVENT_LATE, 2, 1500 * MS);
	tell_reply(scene, RP_EVENT_REPLY, 3, RP_TIME_NONE);
	tell_changed(scene, 4, "address");
	tell_changed(scene, 5, "data");
	tell_changed(scene, 6, "cookie");
	tell(scene, icmp_error(scene, 7, RP_ICMP_DESTINATION_UNREACHABLE, 4));
	tell_bare(scene, RP_EVENT_OVERDUE, 8);
	tell_bare(scene, RP_EVENT_TIMEOUT, 8);
	tell_outage(scene, 0, RP_OUTAGE_BEGINS, 8, 8, 8);
	event = happens(scene, RP_EVENT_UNSENT, 9);
	event.error = EPERM;
	tell(scene, event);
	tell_moved(scene, addr(9));
	scene->ledger[0] = (struct rp_stats){
		.sent = 8,
		.received = 4,
		.lost = 3,
		.late = 1,
		.unsent = 1,
		.duplicates = 1,
		.errors = 1,
		.suspect = 1,
		.altered = 1,
		.jitter = 250,
		.tx_queue = {2500, 1000 * MS},
		.rx_wakeup = {RP_TIME_NONE, RP_TIME_NONE},
		.schedule_lag = {1000, 5000},
		.outages = 2,
		.longest = {.first = 4, .last = 6, .start = 4 * MS, .end = 6 * MS},
		.detailed = true,
		.rtt_p50 = 1 * MS,
		.rtt_p90 = 2 * MS,
		.rtt_p95 = 3 * MS,
		.rtt_p99 = 4 * MS,
		.rtt_p999 = 1500 * MS,
		.reordered = 1,
		.reorder_extent = 3,
		.recent = {7, 3, 1 * MS, 2 * MS, 3 * MS},
	};
	set_rtt(&scene->ledger[0], 112001, 1 * MS, 1500 * MS, 8 * MS);
	*total(scene) = scene->ledger[0];
	tell_outage(scene, 0, RP_OUTAGE_GOES_ON, 8, 8, 10);
	event = ended(scene, 10, RP_END_ERROR);
	event.error = ENETDOWN;
	tell(scene, event);
}

/* Names that CSV must quote. */
void ping_everything_quoted(struct scene *scene)
{
	scene->targets.list[0] = (struct rp_target){.address = addr(2), .name = "a,\"b\"", .canonical = "x"};
	ping_everything(scene);
}

void ping_one_lost(struct scene *scene)
{
	scene->targets.list[0] = (struct rp_target){.address = addr(2), .name = "a\"b\\\n\xff", .canonical = "x"};
	begin(scene);
	tell_bare(scene, RP_EVENT_TIMEOUT, 1);
	scene->ledger[0].sent = scene->ledger[0].lost = 1;
	*total(scene) = scene->ledger[0];
	tell_done(scene, RP_END_DEADLINE);
}

/* Routers have no name here; the target's name goes where its address is. */
void ping_moved(struct scene *scene)
{
	scene->targets.list[0] =
		(struct rp_target){.address = addr(2), .name = "web.example", .canonical = "www.web.example"};
	show_name(scene, "host-2.example");
	scene->run.timestamps = OUT_TIMESTAMPS_EPOCH;
	begin(scene);
	tell_reply(scene, RP_EVENT_REPLY, 1, 112000);
	tell(scene, icmp_error(scene, 2, RP_ICMP_TIME_EXCEEDED, 0));
	tell_moved(scene, addr(9));
	tell_reply(scene, RP_EVENT_REPLY, 3, 112000);
	*total(scene) = (struct rp_stats){.sent = 3, .received = 2, .lost = 1, .errors = 1, .pipe = 1};
	set_rtt(total(scene), 112000, 112000, 112000, 0);
}

/* ---- series of TCP probes ---- */

void syn_series(struct scene *scene)
{
	struct rp_event event;

	syn_base(scene);
	begin(scene);
	tell(scene, tcp_answer(scene, RP_EVENT_REPLY, RP_STATE_OPEN, RP_REASON_SYN_ACK));
	event = tcp_answer(scene, RP_EVENT_REPLY, RP_STATE_CLOSED, RP_REASON_RESET);
	event.sequence = 65538;
	tell(scene, event);
	event = icmp_error(scene, 3, RP_ICMP_DESTINATION_UNREACHABLE, 13);
	event.port = 443;
	tell(scene, event);
	event = tcp_answer(scene, RP_EVENT_REPEATED, RP_STATE_OPEN, RP_REASON_SYN_ACK);
	event.rtt = RP_TIME_NONE;
	tell(scene, event);
	tell_bare(scene, RP_EVENT_OVERDUE, 4);
	*total(scene) = (struct rp_stats){
		.sent = 4, .received = 2, .lost = 2, .repeated = 1, .errors = 1, .pipe = 1, .last_sent = 3000 * MS};
	set_rtt(total(scene), 112000, 112000, 112000, 0);
}

void syn_many(struct scene *scene)
{
	syn_base(scene);
	scene->targets.count = 2;
	scene->targets.list[0] =
		(struct rp_target){.address = addr(2), .name = "web.example", .canonical = "www.web.example"};
	show_name(scene, "www.web.example");
	scene->targets.list[1] = (struct rp_target){.address = addr(3), .name = "db", .canonical = "db.example"};
	/* The first target has both ports, the second one. */
	scene->own_ports = (struct rp_ports){.count = 1, .first = 443, .step = 1};
	scene->targets.ports_of[0] = &scene->targets.ports;
	scene->targets.ports_of[1] = &scene->own_ports;
	scene->targets.ports = (struct rp_ports){.count = 2, .first = 22, .step = 421};
	begin(scene);
	for (uint32_t i = 0; i < 2; i++)
		tell(scene, of_target(scene, i, tcp_answer(scene, RP_EVENT_REPLY, RP_STATE_OPEN, RP_REASON_SYN_ACK)));
	for (unsigned i = 0; i < 2; i++) {
		scene->port_ledger[i] = (struct rp_stats){.sent = 1, .received = i, .lost = 1 - i};
		if (i > 0)
			set_rtt(&scene->port_ledger[i], 112000, 112000, 112000, 0);
	}
	*total(scene) = (struct rp_stats){.sent = 3, .received = 2, .lost = 1, .pipe = 1};
	set_rtt(total(scene), 112000, 112000, 112000, 0);
	tell_done(scene, RP_END_COMPLETE);
}

void syn_open_closed_silent(struct scene *scene)
{
	struct rp_event event;

	syn_base(scene);
	begin(scene);
	tell(scene, tcp_answer(scene, RP_EVENT_REPLY, RP_STATE_OPEN, RP_REASON_SYN_ACK));
	tell(scene, tcp_answer(scene, RP_EVENT_REPLY, RP_STATE_CLOSED, RP_REASON_RESET));
	event = happens(scene, RP_EVENT_TIMEOUT, 3);
	event.port = 443;
	tell(scene, event);
	tell_done(scene, RP_END_COMPLETE);
}
