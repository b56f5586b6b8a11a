/* SPDX-License-Identifier: MIT */
/* Hides the driver: the cycle that core/session.h asks for, on a clock that jumps from one event to the next. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "alloc.h"
#include "check.h"
#include "target/addrset.h"

#define BATCH       64
#define RETRY_AFTER MS /* as io/rprobe: a batch for which the kernel had no room */
#define OUR_ADDRESS 0xcb007164

struct batch {
	uint64_t probes[BATCH];
	uint8_t *bytes[BATCH];
	size_t lengths[BATCH];
	unsigned count, sent;
	int64_t blocked_until;
};

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
		.driver = {.limit = 100 * 3600 * SECOND, .refuse_with = EPERM},
		.config =
			{
				.probe = probe,
				.plan = probe == RP_PROBE_ICMP_ECHO ? RP_PLAN_PING : RP_PLAN_SCAN,
				.count = 1,
				.interval = SECOND,
				.preload = 1,
				.timeout = RP_TIME_NONE,
				.deadline = RP_TIME_NONE,
				.time_to_live = 64,
				.dont_fragment = true,
				.payload_length = probe == RP_PROBE_ICMP_ECHO ? 56 : 0,
				.max_retries = 10,
				.initial_rtt_timeout = SECOND,
				.min_rtt_timeout = 100 * MS,
				.max_rtt_timeout = 10 * SECOND,
			},
		.verbose = getenv("SIM_VERBOSE") != NULL,
	};
	assert_int_equal(rp_targets_new(&run->targets), 0);
	assert_int_equal(addrset_add_text(run->targets, targets, NULL), 0);
	if (ports != NULL)
		assert_int_equal(rp_ports_parse(&run->port_set, ports, NULL), 0);
	run->config.targets = run->targets;
	run->config.ports = run->port_set;
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
	session_free(run->session);
	net_free(run->world);
	rp_targets_free(run->targets);
	rp_ports_free(run->port_set);
	free(run->of_slot);
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
	FIELD(net, neighbour),
	FIELD(net, rst_rate),
	FIELD(net, link_rate),
	FIELD(net, link_queue),
	FIELD(net, every),
	FIELD(net, dies),
	FIELD(net, forge),
	FIELD(net, forge_kind),
	FIELD(net, foreign),
	FIELD(driver, wake),
	FIELD(driver, stamp_missing),
	FIELD(driver, stamp_late),
	FIELD(driver, stamp_late_by),
	FIELD(driver, receive_unstamped),
	FIELD(driver, refuse),
	FIELD(driver, refuse_with),
	FIELD(driver, no_route),
	FIELD(driver, full),
	FIELD(driver, full_for),
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

/* ---- the cycle -------------------------------------------------------------------------------- */

static bool happens(struct run *run, int64_t of_a_million)
{
	return of_a_million > 0 && rng_below(&run->rng, 1000000) < (uint64_t)of_a_million;
}

static struct rp_stamp stamp_of(const struct run *run, int64_t ns, enum rp_clock clock)
{
	return (struct rp_stamp){.ns = ns, .wall = ns + run->wall_offset, .clock = clock};
}

static void receive_packet(struct run *run, const struct net_delivery *delivery)
{
	struct rp_stamp rx = stamp_of(run, delivery->at, RP_CLOCK_KERNEL);
	/* As long as it is and no octet more, so that reading past its end is seen. */
	uint8_t *exact = malloc(delivery->length + (delivery->length == 0));

	assert_non_null(exact);
	memcpy(exact, delivery->bytes, delivery->length);
	if (happens(run, run->driver.receive_unstamped))
		rx = stamp_of(run, run->now, RP_CLOCK_USER);
	run->delivery = delivery;
	run->believed = run->told = 0;
	alloc_count(true);
	session_input(run->session, exact, delivery->length, rx, run->now);
	alloc_count(false);
	check_delivery(run, delivery);
	run->delivery = NULL;
	free(exact);
}

static void receive_stamp(struct run *run, const struct net_delivery *delivery)
{
	struct truth *truth = &run->truths[delivery->probe];

	truth->stamped = true;
	session_tx_stamp(run->session, truth->slot, stamp_of(run, truth->departed, RP_CLOCK_KERNEL));
}

/* All that is there; how much. */
static int64_t receive(struct run *run)
{
	int64_t packets = 0, taken = 0;

	for (; net_first(run->world) <= run->now; taken++) {
		struct net_delivery *delivery = net_take(run->world);

		if (delivery->stamp)
			receive_stamp(run, delivery);
		else if (run->driver.receive_buffer > 0 && ++packets > run->driver.receive_buffer)
			run->overrun++;
		else
			receive_packet(run, delivery);
		free(delivery);
	}
	return taken;
}

static void fill(struct run *run, struct batch *batch)
{
	struct outgoing out;

	batch->count = batch->sent = 0;
	while (batch->count < BATCH) {
		int is;

		alloc_count(true);
		is = session_next(run->session, run->now, &out);
		alloc_count(false);
		if (is == 0)
			break;
		if (!octets_header_sound(out.bytes, out.length) || !octets_inner_sound(out.bytes, out.length) ||
		    out.bytes[0] != 0x45 || octets_get16(out.bytes + 2) != out.length ||
		    octets_get32(out.bytes + 16) != rp_addr_ipv4_value(out.destination) ||
		    octets_get32(out.bytes + 12) != OUR_ADDRESS || out.bytes[8] != run->config.time_to_live)
			run_fail(run, "a probe that is no sound packet");
		batch->bytes[batch->count] = realloc(batch->bytes[batch->count], out.length);
		assert_non_null(batch->bytes[batch->count]);
		memcpy(batch->bytes[batch->count], out.bytes, out.length);
		batch->lengths[batch->count] = out.length;
		batch->probes[batch->count++] = check_add(run, &(struct truth){.handed = run->now, .slot = out.slot});
	}
	if (batch->count > 0 && happens(run, run->driver.full))
		batch->blocked_until = run->now + run->driver.full_for;
}

/* The kernel takes what is in the batch. */
static void flush(struct run *run, struct batch *batch)
{
	const struct driver_settings *driver = &run->driver;

	for (; batch->sent < batch->count && !run->done; batch->sent++) {
		uint64_t probe = batch->probes[batch->sent];
		struct truth *truth = &run->truths[probe];

		run->handed = probe;
		run->refused = happens(run, driver->refuse) ? (int)driver->refuse_with : 0;
		truth->sent_at = run->now;
		if (run->refused == 0) {
			truth->departed = net_send(run->world, run->now, probe, batch->bytes[batch->sent],
						   batch->lengths[batch->sent]);
			if (!happens(run, driver->stamp_missing))
				net_stamp(run->world,
					  truth->departed +
						  (happens(run, driver->stamp_late) ? driver->stamp_late_by : 0),
					  probe);
		}
		alloc_count(true);
		session_sent(run->session, truth->slot, run->now, run->refused);
		alloc_count(false);
		run->handed = NO_PROBE;
	}
}

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

/* One turn of the driver's loop, as io/rprobe does it; whether anything was done. */
static bool turn(struct run *run, struct batch *batch)
{
	uint64_t told;
	int64_t received;

	if (happens(run, run->driver.wall_step)) {
		run->wall_offset += (int64_t)rng_below(&run->rng, 7200) * SECOND - 3600 * SECOND;
		run->wall_most = run->wall_offset > run->wall_most ? run->wall_offset : run->wall_most;
		session_set_wall_offset(run->session, run->wall_offset);
	}
	if (run->now >= next_move(run))
		move(run);
	received = receive(run);
	run->told = 0;
	alloc_count(true);
	session_expire(run->session, run->now);
	alloc_count(false);
	if (!run->done && run->driver.stop > 0 && run->now >= run->start + run->driver.stop)
		session_end(run->session, run->now, RP_END_STOPPED, 0);
	if (run->ending && !run->done)
		run_fail(run, "a probe was given up before its time");
	if (run->done)
		return true;
	if (batch->sent == batch->count)
		fill(run, batch);
	if (run->now >= batch->blocked_until)
		flush(run, batch);
	told = run->told;
	return received > 0 || told > 0 || batch->sent < batch->count;
}

/* When the driver wakes up next. */
static int64_t next_turn(struct run *run, const struct batch *batch)
{
	int64_t next = session_deadline(run->session);

	if (batch->sent < batch->count && next < run->now + RETRY_AFTER)
		next = run->now + RETRY_AFTER;
	if (batch->sent < batch->count && next > batch->blocked_until)
		next = batch->blocked_until;
	if (net_first(run->world) < next)
		next = net_first(run->world);
	if (run->driver.stop > 0 && run->start + run->driver.stop < next)
		next = run->start + run->driver.stop;
	if (next_move(run) < next)
		next = next_move(run);
	if (next == INT64_MAX)
		run_fail(run, "nothing is due, nothing is under way, and it is not over");
	if (next < run->now)
		next = run->now;
	if (run->driver.wake > 0)
		next += (int64_t)rng_below(&run->rng, (uint64_t)run->driver.wake + 1);
	return next;
}

static void open_session(struct run *run)
{
	struct session_setup setup = {
		.identifier = 0x1234,
		.source_ports = {40000, 40001},
		.now = run->now,
		.wall_offset = run->wall_offset,
		.route = run_route,
		.find = addrset_find,
		.find_moved = addrset_find_moved,
		.user = run,
	};

	for (size_t i = 0; i < sizeof setup.key.octets; i++)
		setup.key.octets[i] = (uint8_t)rng_next(&run->rng);
	alloc_count(true);
	assert_int_equal(session_new(&run->session, &run->config, &setup, &(struct rp_listener){check_event, run}), 0);
	alloc_count(false);
}

void run_go(struct run *run)
{
	struct batch *batch = calloc(1, sizeof *batch);
	unsigned idle = 0;

	assert_non_null(batch);
	run->now = run->start = (int64_t)rng_below(&run->rng, 1000000) * SECOND;
	run->wall_offset = run->wall_most = 1700000000 * SECOND;
	alloc_take();
	run->world = net_new(run->seed, &run->net, run->rules, run->rule_count);
	check_open(run);
	open_session(run);
	run->footprint = alloc_take().octets;
	while (!run->done && run->now < run->start + run->driver.limit) {
		idle = turn(run, batch) ? 0 : idle + 1;
		if (idle > 3 && session_deadline(run->session) <= run->now && !run->done)
			run_fail(run, "it wants to work and has nothing to do");
		if (!run->done)
			run->now = next_turn(run, batch);
	}
	run->ended = run->now;
	run->allocations = alloc_take().calls;
	check_end(run);
	for (unsigned i = 0; i < BATCH; i++)
		free(batch->bytes[i]);
	free(batch);
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
