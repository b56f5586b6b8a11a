/* SPDX-License-Identifier: MIT */
/* What the library would know, and the making of events. */
#include "scene.h"

uint32_t rp_targets_count(const struct rp_targets *targets)
{
	return targets->count;
}

struct rp_target rp_targets_at(const struct rp_targets *targets, uint32_t index)
{
	return targets->list[index];
}

int64_t rp_targets_follower(const struct rp_targets *targets, uint32_t index, uint32_t *cursor)
{
	for (; *cursor < targets->count; ++*cursor)
		if (targets->list[*cursor].follows && targets->list[*cursor].leader == index)
			return (*cursor)++;
	return -ENOENT;
}

const struct rp_ports *rp_targets_all_ports(const struct rp_targets *targets)
{
	return &targets->ports;
}

const struct rp_ports *rp_grid_ports(const struct rp_grid *grid, uint32_t target)
{
	const struct rp_ports *own = grid->targets->ports_of[target];

	return own != NULL ? own : &grid->targets->ports;
}

/* Series of one port; the scenes have no more. */
uint64_t rp_grid_count(const struct rp_grid *grid)
{
	return grid->targets->count;
}

int64_t rp_grid_number(const struct rp_grid *grid, uint32_t target, uint16_t port)
{
	(void)grid, (void)port;
	return target;
}

uint32_t rp_ports_count(const struct rp_ports *ports)
{
	return ports->count;
}

uint16_t rp_ports_at(const struct rp_ports *ports, uint32_t index)
{
	return (uint16_t)(ports->first + index * ports->step);
}

int64_t rp_ports_find(const struct rp_ports *ports, uint16_t port)
{
	for (uint32_t i = 0; i < ports->count; i++)
		if (rp_ports_at(ports, i) == port)
			return i;
	return -ENOENT;
}

const char *rp_service_name(uint16_t port)
{
	return port == 22 ? "ssh" : port == 443 ? "https" : NULL;
}

const char *rp_version(void)
{
	return "1.2.3";
}

struct rp_addr addr(uint8_t last)
{
	return (struct rp_addr){.family = RP_FAMILY_IPV4, .bytes = {10, 0, 0, last}};
}

static void read_ledger(void *user, uint32_t target, struct rp_stats *stats)
{
	const struct scene *scene = user;

	*stats = scene->ledger[target == RP_ALL_TARGETS ? 4 : target];
}

static void read_port_ledger(void *user, uint32_t target, uint16_t port, struct rp_stats *stats)
{
	const struct scene *scene = user;

	(void)target;
	*stats = scene->port_ledger[rp_ports_find(&scene->targets.ports, port)];
}

struct rp_stats *total(struct scene *scene)
{
	return &scene->ledger[4];
}

void set_rtt(struct rp_stats *stats, int64_t min, int64_t mean, int64_t max, int64_t mdev)
{
	stats->rtt_min = min;
	stats->rtt_mean = mean;
	stats->rtt_max = max;
	stats->rtt_mdev = mdev;
	stats->samples = 1;
}

static const char *name_of(void *user, struct rp_addr address)
{
	const struct scene *scene = user;

	return rp_addr_equal(address, scene->targets.list[0].address) ? scene->name : NULL;
}

void show_name(struct scene *scene, const char *name)
{
	scene->name = name;
	scene->results.name_of = name_of;
	scene->results.name_user = scene;
}

/* One target 127.0.0.1, a series of echo requests, iputils' defaults. */
void scene_init(struct scene *scene, const char *output, const struct out_run *run)
{
	*scene = (struct scene){.output = output, .run = *run};
	scene->targets.count = 1;
	scene->targets.list[0].address = (struct rp_addr){.family = RP_FAMILY_IPV4, .bytes = {127, 0, 0, 1}};
	scene->targets.list[0].name = "127.0.0.1";
	for (size_t i = 0; i < sizeof(scene->payload); i++)
		scene->payload[i] = (uint8_t)i;
	for (unsigned i = 0; i < 5; i++) {
		set_rtt(&scene->ledger[i], RP_TIME_NONE, RP_TIME_NONE, RP_TIME_NONE, RP_TIME_NONE);
		scene->ledger[i].rtt_ewma = RP_TIME_NONE;
		scene->ledger[i].samples = 0;
	}
	scene->config = (struct rp_config){
		.probe = RP_PROBE_ICMP_ECHO,
		.plan = RP_PLAN_SERIES,
		.targets = &scene->targets,
		.interval = 1000 * MS,
		.payload_length = 56,
	};
	scene->run.tool = "rping";
	scene->run.path = "raw";
	scene->grid.targets = &scene->targets;
	scene->run.results = &scene->results;
	scene->results = (struct out_results){.config = &scene->config,
					      .grid = &scene->grid,
					      .stats = read_ledger,
					      .port_stats = read_port_ledger,
					      .user = scene};
	scene->run.started.wall = WALL;
	strbuf_init(&scene->text);
}

void begin(struct scene *scene)
{
	scene->type = out_type_of(scene->output);
	if (scene->type == NULL)
		abort();
	if (scene->type == &out_ping)
		scene->run.own = &scene->ping;
	scene->run.scan = scene->config.plan == RP_PLAN_SCAN;
	scene->run.plan = scene->run.scan ? "scan" : "series";
	scene->run.ports = scene->config.probe == RP_PROBE_TCP_SYN;
	scene->run.probe = scene->run.ports ? "tcp-syn" : "icmp-echo";
	if (scene->type->scan != NULL && scene->run.scan) {
		scene->table = scan_table_new(&scene->run);
		scene->results.scan = scene->table;
	}
	if (out_new(&scene->out, scene->type, &scene->run) != 0)
		abort();
	if (scene->type->start != NULL)
		scene->type->start(scene->out, &scene->text);
}

static void report(void *user, const struct scan_news *news)
{
	struct scene *scene = user;

	scene->type->scan(scene->out, news, &scene->text);
}

void tell(struct scene *scene, struct rp_event event)
{
	if (scene->table != NULL && scan_table_event(scene->table, &event, report, scene) < 0)
		abort();
	if (scene->type->event != NULL)
		scene->type->event(scene->out, &event, &scene->text);
}

void finish(struct scene *scene)
{
	if (scene->table != NULL)
		scan_table_finish(scene->table, report, scene);
	if (scene->out && scene->type->finish != NULL)
		scene->type->finish(scene->out, &scene->text);
	if (scene->out)
		out_free(scene->out, scene->type);
	scan_table_free(scene->table);
	if (scene->text.failed)
		abort();
	fwrite(scene->text.text, 1, scene->text.length, stdout);
	strbuf_fini(&scene->text);
}

/* An event about the first target, `sequence` seconds into the run, without a packet. */
struct rp_event happens(const struct scene *scene, enum rp_event_kind kind, uint64_t sequence)
{
	return (struct rp_event){
		.kind = kind,
		.time = (int64_t)sequence * 1000 * MS,
		.wall = WALL + (int64_t)sequence * 1000 * MS,
		.address = scene->targets.list[0].address,
		.sequence = sequence,
		.attempt = 1,
		.sent.ns = RP_TIME_NONE,
		.received.ns = RP_TIME_NONE,
		.rtt = RP_TIME_NONE,
		.tx_queue = RP_TIME_NONE,
		.rx_wakeup = RP_TIME_NONE,
		.wrong_data_offset = UINT32_MAX,
	};
}

/* An echo reply of 56 bytes from the target, TTL 64. */
struct rp_event reply(struct scene *scene, enum rp_event_kind kind, uint64_t sequence, int64_t rtt)
{
	struct rp_event event = happens(scene, kind, sequence);

	scene->packet = (struct rp_packet){
		.length = 84,
		.ip = {.version = 4, .header_length = 20, .time_to_live = 64, .protocol = RP_PROTOCOL_ICMP},
		.icmp = {.type = RP_ICMP_ECHO_REPLY, .identifier = 8110, .sequence = (uint16_t)sequence},
		.payload = scene->payload,
		.payload_length = 56,
	};
	event.from = event.address;
	event.packet = &scene->packet;
	event.rtt = rtt;
	event.authenticated = true;
	if (rtt != RP_TIME_NONE) {
		event.sent = (struct rp_stamp){.ns = event.time - rtt, .clock = RP_CLOCK_KERNEL};
		event.received = (struct rp_stamp){.ns = event.time, .clock = RP_CLOCK_KERNEL};
		event.clock = RP_CLOCK_KERNEL;
	}
	return event;
}

struct rp_event icmp_error(struct scene *scene, uint64_t sequence, uint8_t type, uint8_t code)
{
	struct rp_event event = reply(scene, RP_EVENT_ERROR, sequence, RP_TIME_NONE);

	event.from = addr(1);
	scene->packet.icmp =
		(struct rp_icmp){.type = type, .code = code, .next_hop_mtu = 1400, .pointer = 20, .gateway = addr(254)};
	return event;
}

struct rp_event ended(const struct scene *scene, uint64_t seconds, enum rp_end end)
{
	struct rp_event event = happens(scene, RP_EVENT_DONE, seconds);

	event.end = end;
	return event;
}

struct rp_event of_target(const struct scene *scene, uint32_t target, struct rp_event event)
{
	event.target = target;
	event.address = event.from = scene->targets.list[target].address;
	return event;
}

void tell_reply(struct scene *scene, enum rp_event_kind kind, uint64_t sequence, int64_t rtt)
{
	tell(scene, reply(scene, kind, sequence, rtt));
}

void tell_bare(struct scene *scene, enum rp_event_kind kind, uint64_t sequence)
{
	tell(scene, happens(scene, kind, sequence));
}

void tell_done(struct scene *scene, enum rp_end end)
{
	tell(scene, ended(scene, 5, end));
}

void tell_moved(struct scene *scene, struct rp_addr address)
{
	struct rp_event event = happens(scene, RP_EVENT_ADDRESS, 0);

	event.from = scene->targets.list[0].address;
	event.address = scene->targets.list[0].address = address;
	tell(scene, event);
}

/* Of the probes first to last, begun in the second `first`; it ends or stands in that second. */
void tell_outage(struct scene *scene, uint32_t target, enum rp_outage_state state, uint64_t first, uint64_t last,
		 uint64_t second)
{
	struct rp_event event = happens(scene, RP_EVENT_OUTAGE, second);
	struct rp_outage outage = {first, last, happens(scene, RP_EVENT_OUTAGE, first).time, event.time};

	event.target = target;
	event.address = scene->targets.list[target].address;
	event.outage = &outage;
	event.outage_state = state;
	tell(scene, event);
}

void tell_changed(struct scene *scene, uint64_t sequence, const char *what)
{
	struct rp_event event = reply(scene, RP_EVENT_REPLY, sequence, 500000);

	if (strcmp(what, "truncated") == 0) {
		scene->packet.length = 48;
		scene->packet.payload_length = 20;
	} else if (strcmp(what, "address") == 0) {
		event.from = addr(9);
		event.different_address = true;
	} else if (strcmp(what, "data") == 0) {
		event.wrong_data_offset = 40;
		scene->payload[40] = 0xee;
	} else if (strcmp(what, "checksum") == 0) {
		event.kind = RP_EVENT_SUSPECT;
		event.suspicion = RP_SUSPECT_CHECKSUM;
	} else if (strcmp(what, "cookie") == 0) {
		event.kind = RP_EVENT_SUSPECT;
		event.suspicion = RP_SUSPECT_COOKIE;
	}
	tell(scene, event);
	scene->payload[40] = 40;
}

void add_targets(struct scene *scene)
{
	scene->targets.count = 3;
	scene->targets.list[0] =
		(struct rp_target){.address = addr(2), .name = "web.example", .canonical = "www.web.example"};
	scene->targets.list[1] = (struct rp_target){.address = addr(130), .name = "10.0.0.130"};
	scene->targets.list[2] =
		(struct rp_target){.address = addr(4), .name = "evil\033[2J", .canonical = "evil\033[2J"};
}

struct rp_event tcp_answer(struct scene *scene, enum rp_event_kind kind, enum rp_state state, enum rp_reason reason)
{
	struct rp_event event = reply(scene, kind, 1, 112000);

	scene->packet = (struct rp_packet){
		.length = 44,
		.ip = {.version = 4, .header_length = 20, .time_to_live = 64, .protocol = RP_PROTOCOL_TCP},
		.tcp = {.window = 64240, .has_mss = reason == RP_REASON_SYN_ACK, .mss = 1460},
	};
	event.port = 443;
	event.state = state;
	event.reason = reason;
	return event;
}

void syn_base(struct scene *scene)
{
	scene->run.tool = "rsyn";
	scene->config.probe = RP_PROBE_TCP_SYN;
	scene->config.payload_length = 0;
	scene->targets.list[0] = (struct rp_target){.address = addr(2), .name = "10.0.0.2"};
	scene->targets.ports = (struct rp_ports){.count = 1, .first = 443, .step = 1};
}

/* Timeouts between 0.1 and 10 s. */
void scan_base(struct scene *scene)
{
	syn_base(scene);
	scene->config.plan = RP_PLAN_SCAN;
	scene->config.min_rtt_timeout = 100 * MS;
	scene->config.max_rtt_timeout = 10000 * MS;
}
