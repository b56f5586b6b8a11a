/* SPDX-License-Identifier: MIT */
/* A run: its settings, the clock that jumps from one event to the next, and what is said when something is wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "alloc.h"
#include "check.h"
#include "json.h"
#include "kernel.h"
#include "target/set.h"

static bool run_queued(void *user, struct rp_addr destination)
{
	const struct run *run = user;

	(void)destination;
	return run->leaves > run->now;
}

static int run_route(void *user, struct rp_addr destination, struct rp_addr *source)
{
	struct run *run = user;

	(void)destination;
	*source = rp_addr_ipv4(OUR_ADDRESS);
	return rng_below(&run->rng, 1000000) < (uint64_t)run->driver.no_route ? -ENETUNREACH : 0;
}

void run_init(struct run *run, uint64_t seed, enum rp_probe_type probe, const char *targets, const char *ports)
{
	*run = (struct run){
		.seed = seed,
		.driver = {.limit = 100 * 3600 * SECOND, .refuse_with = EPERM, .full_with = ENOBUFS},
		.config =
			{
				.probe = probe,
				.plan = probe == RP_PROBE_ICMP_ECHO ? RP_PLAN_SERIES : RP_PLAN_SCAN,
				.count = 1,
				.interval = SECOND,
				.preload = 1,
				.timeout = RP_TIME_NONE,
				.deadline = RP_TIME_NONE,
				.time_to_live = 64,
				.payload_length = probe == RP_PROBE_ICMP_ECHO ? 56 : 0,
				.max_retries = 10,
				.initial_rtt_timeout = SECOND,
				.min_rtt_timeout = 100 * MS,
				.max_rtt_timeout = 10 * SECOND,
			},
		.source_ports = 2,
		.verbose = getenv("SIM_VERBOSE") != NULL,
	};
	assert_int_equal(rp_targets_new(&run->targets), 0);
	struct rp_ports *list = NULL;
	if (ports != NULL)
		assert_int_equal(rp_ports_parse(&list, ports, NULL), 0);
	assert_int_equal(rp_targets_set_ports(run->targets, list), 0);
	rp_ports_free(list);
	assert_int_equal(set_add_text(run->targets, targets, NULL), 0);
	run->config.targets = run->targets;
	run->port_set = rp_targets_all_ports(run->targets);
	rng_init(&run->rng, seed ^ 0x5eed);
}

void run_rule(struct run *run, const char *first, const char *last, uint16_t port_first, uint16_t port_last,
	      enum net_host host)
{
	struct rp_addr from, to;

	assert_true(run->rule_count < LENGTH_OF(run->rules));
	assert_int_equal(rp_addr_parse(first, &from), 0);
	assert_int_equal(rp_addr_parse(last, &to), 0);
	run->rules[run->rule_count++] =
		(struct net_rule){rp_addr_ipv4_value(from), rp_addr_ipv4_value(to), port_first, port_last, host, 3, 13};
}

void run_fini(struct run *run)
{
	json_close(run->json);
	session_free(run->session);
	net_free(run->world);
	rp_targets_free(run->targets);
	for (size_t i = 0; i < run->stamp_count; i++)
		free(run->stamps[i]);
	free(run->stamps);
	free(run->frame_bytes);
	check_close(run);
}

/* ---- what it says ----------------------------------------------------------------------------- */

static const struct {
	const char *name;
	size_t at;
} fields[] = {
#define FIELD(part, name)                                                                                              \
	{                                                                                                              \
#part "." #name, offsetof(struct run, part.name)                                                       \
	}
	FIELD(net, delay),
	FIELD(net, jitter),
	FIELD(net, loss_there),
	FIELD(net, loss_back),
	FIELD(net, burst_every),
	FIELD(net, burst_for),
	FIELD(net, duplicate),
	FIELD(net, reorder),
	FIELD(net, reorder_by),
	FIELD(net, corrupt),
	FIELD(net, corrupt_repaired),
	FIELD(net, truncate),
	FIELD(net, hops),
	FIELD(net, whole_quotes),
	FIELD(net, mtu),
	FIELD(net, icmp_rate),
	FIELD(net, resets),
	FIELD(net, neighbour),
	FIELD(net, queued),
	FIELD(net, rst_rate),
	FIELD(net, link_rate),
	FIELD(net, link_queue),
	FIELD(net, every),
	FIELD(net, dies),
	FIELD(net, silent_every),
	FIELD(net, ban_after),
	FIELD(net, ban_by),
	FIELD(net, forge),
	FIELD(net, forge_kind),
	FIELD(net, foreign),
	FIELD(driver, wake),
	FIELD(driver, interrupted),
	FIELD(driver, stamp_missing),
	FIELD(driver, stamp_late),
	FIELD(driver, stamp_late_by),
	FIELD(driver, receive_unstamped),
	FIELD(driver, refuse),
	FIELD(driver, refuse_with),
	FIELD(driver, refuse_from),
	FIELD(driver, refuse_for),
	FIELD(driver, refuse_rate),
	FIELD(driver, refuse_burst),
	FIELD(driver, refuse_address),
	FIELD(driver, refuse_port),
	FIELD(driver, no_route),
	FIELD(driver, full),
	FIELD(driver, full_for),
	FIELD(driver, full_with),
	FIELD(driver, read_fails),
	FIELD(driver, read_fails_with),
	FIELD(driver, wall_step),
	FIELD(driver, receive_buffer),
	FIELD(driver, stop),
	FIELD(config, interval),
	FIELD(config, timeout),
	FIELD(config, deadline),
	FIELD(config, initial_rtt_timeout),
	FIELD(config, min_rtt_timeout),
	FIELD(config, max_rtt_timeout),
#undef FIELD
};

void run_fail(const struct run *run, const char *format, ...)
{
	const struct rp_config *config = &run->config;
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	print_error("seed %llu, %.6f ms: %s\n", (unsigned long long)run->seed, (double)(run->now - run->start) / 1e6,
		    text);
	print_error(
		"probe %d plan %d targets %u ports %u count %llu preload %u payload %u ttl %u retries %u rate %u%s%s\n",
		config->probe, config->plan, rp_targets_count(run->targets),
		run->port_set ? rp_ports_count(run->port_set) : 0, (unsigned long long)config->count, config->preload,
		config->payload_length, config->time_to_live, config->max_retries, config->max_rate,
		config->count_replies ? " count_replies" : "", config->report_overdue ? " report_overdue" : "");
	for (size_t i = 0; i < LENGTH_OF(fields); i++) {
		int64_t value;

		memcpy(&value, (const char *)run + fields[i].at, sizeof value);
		if (value != 0)
			print_error("  %s = %lld\n", fields[i].name, (long long)value);
	}
	for (size_t i = 0; i < run->rule_count; i++)
		print_error("  rule %08x-%08x port %u-%u: %d\n", run->rules[i].first, run->rules[i].last,
			    run->rules[i].port_first, run->rules[i].port_last, run->rules[i].host);
	print_error("again, with every event: SIM_SEED=%llu SIM_VERBOSE=1 %s\n", (unsigned long long)run->seed,
		    program_invocation_name);
	fail();
	abort();
}

void run_note(const char *format, ...)
{
	va_list arguments;

	printf("# ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

uint64_t run_seeds(uint64_t count, void (*one)(uint64_t seed))
{
	const char *only = getenv("SIM_SEED"), *many = getenv("SIM_SEEDS");

	if (only != NULL) {
		one(strtoull(only, NULL, 10));
		return 1;
	}
	if (many != NULL)
		count = strtoull(many, NULL, 10);
	for (uint64_t seed = 1; seed <= count; seed++)
		one(seed);
	return count;
}

double run_clock(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double run_seconds(const struct run *run)
{
	return (double)(run->ended - run->start) / (double)SECOND;
}

double run_seconds_to(const struct run *run, uint32_t nth)
{
	assert_true(nth < run->hosts_told);
	return (double)(run->host_told_at[nth] - run->start) / (double)SECOND;
}

/* ---- the run ---------------------------------------------------------------------------------- */

/* A name leads elsewhere. */
static void move(struct run *run)
{
	struct rp_addr before = rp_targets_at(run->targets, 0).address;
	struct rp_addr now = rp_addr_ipv4(0x0a010001 + run->moves % 5);

	run->moves++;
	assert_int_equal(rp_targets_move(run->targets, 0, now), 0);
	session_moved(run->session, run->now, 0, before);
}

static int64_t next_move(const struct run *run)
{
	return run->driver.move_every > 0 ? run->start + (run->moves + 1) * run->driver.move_every : INT64_MAX;
}

/* One step of the driver; whether anything was done. */
static bool turn(struct run *run)
{
	uint64_t before = run->work;

	if (happens(run, run->driver.wall_step)) {
		run->wall_offset += (int64_t)rng_below(&run->rng, 7200) * SECOND - 3600 * SECOND;
		run->wall_most = run->wall_offset > run->wall_most ? run->wall_offset : run->wall_most;
		session_set_wall_offset(run->session, run->wall_offset);
	}
	if (run->now >= next_move(run))
		move(run);
	run->taken = 0;
	run->told = 0;
	run->ready |= net_first(run->world) <= run->now && !happens(run, run->driver.interrupted);
	run->machine.stopping = run->driver.stop > 0 && run->now >= run->start + run->driver.stop;
	alloc_count(true);
	run->next_step = driver_step(&run->machine);
	alloc_count(false);
	kernel_judge(run);
	if (run->ending && !run->done)
		run_fail(run, "a probe was given up before its time");
	return run->work > before || run->told > 0;
}

/* When the driver wakes up next. */
static int64_t next_turn(struct run *run, bool idle)
{
	int64_t next = run->next_step;

	bool woken = run->send_fault.with == EAGAIN || run->driver.full_with == EAGAIN;

	if (woken && run->now < run->full_until && next > run->full_until)
		next = run->full_until;
	if (net_first(run->world) < next)
		next = net_first(run->world);
	if (run->driver.stop > 0 && run->start + run->driver.stop < next)
		next = run->start + run->driver.stop;
	if (next_move(run) < next)
		next = next_move(run);
	if (next == INT64_MAX)
		run_fail(run, "nothing is due, nothing is under way, and it is not over");
	/* What cannot be read wakes the driver again at once, and that takes a moment. */
	if (next <= run->now)
		return run->now + (idle ? 1000 : 0);
	if (run->driver.wake > 0)
		next += (int64_t)rng_below(&run->rng, (uint64_t)run->driver.wake + 1);
	return next;
}

static int64_t sim_clock(void *user)
{
	return ((const struct run *)user)->now;
}

static void open_driver(struct run *run)
{
	size_t size = session_packet_size(run->session);

	run->frame_bytes = calloc(PATH_BATCH, size);
	assert_non_null(run->frame_bytes);
	for (unsigned i = 0; i < PATH_BATCH; i++)
		run->frames[i] = (struct frame){.bytes = run->frame_bytes + i * size, .size = size};
	driver_init(&run->machine, run->session, &kernel_path, (struct path *)run, sim_clock, run);
}

static void open_session(struct run *run)
{
	struct session_setup setup = {
		.identifier = 0x1234,
		.port_base = 40000,
		.port_count = run->source_ports,
		.now = run->now,
		.wall_offset = run->wall_offset,
		.route = run_route,
		.queued = run_queued,
		.user = run,
	};

	for (size_t i = 0; i < sizeof setup.key.bytes; i++)
		setup.key.bytes[i] = (uint8_t)rng_next(&run->rng);
	alloc_count(true);
	assert_int_equal(session_new(&run->session, &run->config, &setup, &(struct rp_listener){check_event, run}), 0);
	alloc_count(false);
}

void run_go(struct run *run)
{
	unsigned idle = 0;

	run->now = run->start = (int64_t)rng_below(&run->rng, 1000000) * SECOND;
	run->wall_offset = run->wall_most = 1700000000 * SECOND;
	alloc_take();
	run->world = net_new(run->seed, &run->net, run->rules, run->rule_count);
	check_open(run);
	open_session(run);
	run->json = json_open(run);
	run->footprint = alloc_take().bytes;
	open_driver(run);
	while (!run->done && run->now < run->start + run->driver.limit) {
		idle = turn(run) ? 0 : idle + 1;
		if (idle > 3 && run->next_step <= run->now && !run->done)
			run_fail(run, "it wants to work and has nothing to do");
		if (!run->done)
			run->now = next_turn(run, idle > 0);
	}
	run->ended = run->now;
	run->allocations = alloc_take().calls;
	check_end(run);
}

unsigned run_wrong_ports(const struct run *run)
{
	uint32_t targets = rp_targets_count(run->targets), ports = rp_ports_count(run->port_set);
	unsigned wrong = 0;

	for (size_t i = 0; i < (size_t)targets * ports; i++) {
		uint16_t port = rp_ports_at(run->port_set, (uint32_t)(i / targets));
		struct rp_addr address = rp_targets_at(run->targets, (uint32_t)(i % targets)).address;
		enum rp_state state = RP_STATE_UNKNOWN;

		switch (net_rule_of(run->world, rp_addr_ipv4_value(address), port).host) {
		case HOST_OPEN:
		case HOST_LISTENS:
		case HOST_OPEN_REPEATS:
		case HOST_RESET_FIRST:
		case HOST_CHALLENGE:
			state = RP_STATE_OPEN;
			break;
		case HOST_ALIVE:
		case HOST_CLOSED:
		case HOST_CLOSED_SHORT:
			state = RP_STATE_CLOSED;
			break;
		case HOST_SILENT:
		case HOST_SPLIT: /* proves nothing */
		case HOST_REJECT:
		case HOST_REJECT_ROUTER:
			state = RP_STATE_FILTERED;
			break;
		}
		wrong += run->ports[i].state != state;
	}
	return wrong;
}
