/* SPDX-License-Identifier: MIT */
/* Any weather: random runs in random networks, in which run.h finds nothing wrong. */
#include "run.h"

#include <errno.h>

static struct rng dice;
static uint64_t probes, packets;
static int64_t virtual_time;

static bool heads(uint64_t out_of)
{
	return rng_below(&dice, out_of) == 0;
}

static int64_t pick(const int64_t *values, size_t count)
{
	return values[rng_below(&dice, count)];
}
#define PICK(...) pick((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void any_network(struct net_settings *net)
{
	net->delay = PICK(0, 1, 20000, MS, 20 * MS, 300 * MS, 1500 * MS);
	net->jitter = heads(2) ? net->delay / PICK(100, 3, 1) : 0;
	net->loss_there = heads(2) ? PICK(10000, 200000, 900000) : 0;
	net->loss_back = heads(3) ? PICK(10000, 200000) : 0;
	if (heads(4)) {
		net->burst_every = PICK(10 * MS, SECOND);
		net->burst_for = PICK(MS, 50 * MS, 2 * SECOND);
	}
	net->duplicate = heads(3) ? PICK(10000, 300000, 1000000) : 0;
	if (heads(3)) {
		net->reorder = PICK(50000, 500000);
		net->reorder_by = PICK(MS, 2 * SECOND, 15 * SECOND);
	}
	net->corrupt = heads(3) ? PICK(10000, 500000) : 0;
	net->truncate = heads(4) ? PICK(10000, 300000) : 0;
	net->hops = heads(3) ? PICK(1, 5, 30) : 0;
	net->whole_quotes = heads(2);
	net->mtu = heads(6) ? PICK(60, 576) : 0;
	net->icmp_rate = heads(2) ? PICK(1, 100) : 0;
	net->rst_rate = heads(5) ? PICK(1, 10, 50) : 0;
	net->ban_after = heads(6) ? PICK(3, 30, 100) : 0;
	net->ban_by = PICK(0, 1, 2);
	net->neighbour = heads(3) ? PICK(MS, 900 * MS, 3 * SECOND) : 0;
	net->foreign = heads(3) ? PICK(100000, 3000000) : 0;
}

static void any_driver(struct driver_settings *driver)
{
	driver->wake = heads(3) ? PICK(1000, MS, 40 * MS) : 0;
	driver->stamp_missing = heads(4) ? PICK(100000, 1000000) : 0;
	if (heads(4)) {
		driver->stamp_late = PICK(100000, 1000000);
		driver->stamp_late_by = PICK(1000, 10 * MS, SECOND);
	}
	driver->receive_unstamped = heads(5) ? PICK(100000, 1000000) : 0;
	if (heads(4)) {
		driver->refuse = PICK(50000, 500000, 1000000);
		driver->refuse_with = PICK(EPERM, ENETUNREACH, EMSGSIZE, ENETDOWN);
	}
	if (heads(6)) {
		driver->refuse_from = PICK(0, 5 * MS, SECOND);
		driver->refuse_for = PICK(50 * MS, 300 * MS, 5 * SECOND);
	}
	if (heads(6)) {
		driver->refuse_rate = PICK(20, 1000);
		driver->refuse_burst = PICK(1, 50);
	}
	driver->refuse_address = heads(8) ? 0x0a000001 : 0;
	driver->refuse_port = heads(8) ? 60 : 0;
	driver->no_route = heads(8) ? PICK(100000, 1000000) : 0;
	if (heads(4)) {
		driver->full = PICK(100000, 500000);
		driver->full_for = PICK(MS, 150 * MS, 12 * SECOND);
	}
	driver->wall_step = heads(4) ? PICK(10000, 500000) : 0;
	driver->receive_buffer = heads(6) ? PICK(1, 10) : 0;
	driver->stop = heads(6) ? PICK(1, 10 * MS, 3 * SECOND) : 0;
}

static void any_hosts(struct run *run)
{
	static const enum net_host kinds[] = {HOST_ALIVE,        HOST_ALIVE,  HOST_SILENT,        HOST_OPEN,
					      HOST_OPEN_REPEATS, HOST_CLOSED, HOST_CLOSED_SHORT,  HOST_RESET_FIRST,
					      HOST_SPLIT,        HOST_REJECT, HOST_REJECT_ROUTER, HOST_CHALLENGE};
	static const uint8_t codes[] = {0, 1, 2, 3, 9, 10, 13, 5};

	for (uint16_t i = 0; i < 4; i++) {
		enum net_host kind = kinds[rng_below(&dice, LENGTH_OF(kinds))];

		run_rule(run, "10.0.0.1", i == 3 ? "10.0.0.255" : "10.0.0.2", (uint16_t)(i * 20),
			 i == 3 ? UINT16_MAX : (uint16_t)(i * 20 + 19), kind);
		run->rules[i].type = (uint8_t)PICK(3, 3, 3, 11, 12, 4, 5);
		run->rules[i].code = codes[rng_below(&dice, sizeof codes)];
	}
}

/* Only where a lie can be told from the truth: by a keyed value, and by numbers that are few of 2^16 or 2^32. */
static void any_lies(struct run *run)
{
	const struct rp_config *config = &run->config;
	bool echo = config->probe == RP_PROBE_ICMP_ECHO;

	if ((!echo || config->payload_length >= 16) && config->deadline == RP_TIME_NONE && heads(3))
		run->net.forge = PICK(500000, 5000000);
	if ((!echo || config->payload_length >= 8) && heads(4))
		run->net.corrupt_repaired = PICK(100000, 500000);
	if (echo && config->payload_length < 8)
		run->net.corrupt = 0; /* flips that cancel each other in the checksum cannot be noticed */
}

/* With a deadline the count does not bound the run, so time must pass and not too much of it. */
static void any_deadline(struct run *run)
{
	struct rp_config *config = &run->config;

	config->deadline = config->interval >= 10 * MS ? PICK(100 * MS, 2 * SECOND, 30 * SECOND) : 100 * MS;
	config->count_replies = heads(2);
	config->count = heads(3) && !config->count_replies ? 0 : config->count;
	if (config->interval > 0)
		return;
	run->net.delay = run->net.delay > 20000 ? run->net.delay : 20000;
	run->driver.refuse = run->driver.no_route = 0;
	run->driver.refuse_for = run->driver.refuse_rate = run->driver.refuse_address = 0;
}

static void any_series(struct run *run)
{
	struct rp_config *config = &run->config;

	config->count = (uint64_t)PICK(1, 3, 20, 60);
	config->interval = PICK(0, MS, 10 * MS, 200 * MS, SECOND);
	config->preload = (unsigned)PICK(1, 1, 1, 3, 30);
	config->timeout = PICK(RP_TIME_NONE, RP_TIME_NONE, 10 * MS, 500 * MS, 3 * SECOND, 30 * SECOND);
	config->report_overdue = heads(3);
	config->adaptive = config->interval > 0 && heads(5);
	config->floor = PICK(500000, 2 * MS);
	if (heads(5))
		any_deadline(run);
}

static void any_scan(struct rp_config *config)
{
	if (heads(4))
		rp_config_timing(config, (unsigned)PICK(2, 3, 4, 5));
	config->max_rate = (uint32_t)PICK(0, 0, 1000, 50, 1000000000, UINT32_MAX);
	config->min_rate = (uint32_t)PICK(0, 0, 1, 2000, UINT32_MAX);
	config->per_target = (uint32_t)PICK(0, 0, 1, 7);
	config->max_retries = (unsigned)PICK(0, 1, 3, 10, 25);
	config->host_timeout = heads(6) ? PICK(1, 50 * MS, 3 * SECOND) : 0;
	config->deadline = heads(8) ? PICK(10 * MS, 2 * SECOND) : RP_TIME_NONE;
}

static void any_run(uint64_t seed, enum rp_probe_type probe, enum rp_plan_type plan)
{
	static const char *const targets[] = {"10.0.0.1", "10.0.0.1-3", "10.0.0.1-7"};
	static const char *const ports[] = {"22", "1-100", "10-30,65535"};
	struct run run;

	rng_init(&dice, seed * 8 + probe * 2 + plan);
	run_init(&run, seed, probe, targets[rng_below(&dice, 3)],
		 probe == RP_PROBE_TCP_SYN ? ports[rng_below(&dice, plan == RP_PLAN_SCAN ? 3 : 1)] : NULL);
	run.config.plan = plan;
	any_network(&run.net);
	any_driver(&run.driver);
	any_hosts(&run);
	run.config.time_to_live = (uint8_t)PICK(64, 64, 64, 3);
	run.config.path_mtu = heads(2) ? RP_PATH_MTU_WANT : RP_PATH_MTU_DONT;
	if (plan == RP_PLAN_SERIES)
		any_series(&run);
	else
		any_scan(&run.config);
	if (probe == RP_PROBE_ICMP_ECHO)
		run.config.payload_length = (uint16_t)PICK(56, 56, 56, 0, 4, 8, 15, 16, 1472);
	any_lies(&run);
	run_go(&run);
	probes += run.total.sent;
	packets += run.forged + run.strays + run.suspects + run.total.received + run.total.duplicates;
	virtual_time += run.ended - run.start;
	run_fini(&run);
}

static void figures(const char *what, uint64_t seeds)
{
	run_note("%s: %llu seeds, %llu probes sent, %.1f virtual hours", what, (unsigned long long)seeds,
		 (unsigned long long)probes, (double)virtual_time / (3600.0 * (double)SECOND));
	probes = packets = 0;
	virtual_time = 0;
}

static void one_echo(uint64_t seed)
{
	any_run(seed, RP_PROBE_ICMP_ECHO, RP_PLAN_SERIES);
}

static void one_syn(uint64_t seed)
{
	any_run(seed, RP_PROBE_TCP_SYN, RP_PLAN_SERIES);
}

static void one_scan(uint64_t seed)
{
	any_run(seed, RP_PROBE_TCP_SYN, RP_PLAN_SCAN);
}

TEST(series_of_echoes_in_any_weather)
{
	figures("echo series", run_seeds(800, one_echo));
}

TEST(series_of_syns_in_any_weather)
{
	figures("SYN series", run_seeds(400, one_syn));
}

TEST(scans_in_any_weather)
{
	figures("scans", run_seeds(400, one_scan));
}

/* A SYN without ACK names no round, and anybody could have sent it. */
TEST(split_handshakes_prove_nothing)
{
	struct run run;

	run_init(&run, 1, RP_PROBE_TCP_SYN, "10.0.0.1-7", "22");
	run_rule(&run, "10.0.0.1", "10.0.0.7", 0, UINT16_MAX, HOST_SPLIT);
	run.config.plan = RP_PLAN_SERIES;
	run.config.count = 5;
	run.net.delay = 300 * MS;
	run_go(&run);
	assert_int_equal(run.total.received, 0);
	assert_int_equal(run.total.suspect, 35);
	run_fini(&run);
}

/* Probes that wait for ever: their number is that of the targets times 2^63, and more than one round is remembered. */
TEST(endless_patience)
{
	struct run run;

	run_init(&run, 1, RP_PROBE_ICMP_ECHO, "10.0.0.1-2", NULL);
	run_rule(&run, "10.0.0.1", "10.0.0.2", 0, UINT16_MAX, HOST_SILENT);
	run.config.count = 2000;
	run.config.interval = 1;
	run.config.timeout = INT64_MAX;
	run.driver.stop = SECOND;
	run_go(&run);
	assert_int_equal(run.total.in_flight, 4000);
	run_fini(&run);
}

/* A target that moves all the time, with answers on their way from its last addresses, and payloads that do not name
 * it. */
TEST(a_moving_target)
{
	static const uint16_t payloads[] = {0, 8, 56};

	for (uint64_t seed = 0; seed < 60; seed++) {
		struct run run;

		run_init(&run, seed, seed % 4 == 3 ? RP_PROBE_TCP_SYN : RP_PROBE_ICMP_ECHO, "10.0.0.1",
			 seed % 4 == 3 ? "80" : NULL);
		run_rule(&run, "10.0.0.1", "10.1.0.9", 0, UINT16_MAX, seed % 4 == 3 ? HOST_OPEN : HOST_ALIVE);
		run.config.plan = RP_PLAN_SERIES;
		run.config.count = 300;
		run.config.interval = 20 * MS;
		run.config.timeout = 2 * SECOND;
		run.config.payload_length = seed % 4 == 3 ? 0 : payloads[seed % 4];
		run.net.delay = (int64_t)(seed % 5) * 80 * MS;
		run.net.jitter = run.net.delay / 4;
		run.net.loss_back = seed % 2 == 0 ? 100000 : 0;
		run.driver.move_every = 250 * MS;
		run_go(&run);
		assert_true(run.moves >= 20);
		assert_int_equal(run.total.suspect, 0);
		assert_int_equal(run.total.received + run.total.lost, 300);
		assert_true(seed % 2 == 0 || run.total.received == 300);
		run_fini(&run);
	}
}

/* Answers of 22 s ago, 100 a second: 20 s and two rounds are remembered, the others told for what they are. */
TEST(forgotten_is_not_forged)
{
	static const uint16_t payloads[] = {4, 8, 56};

	for (size_t i = 0; i < 6; i++) {
		struct run run;

		run_init(&run, i, RP_PROBE_ICMP_ECHO, "10.0.0.1", NULL);
		run_rule(&run, "10.0.0.1", "10.0.0.1", 0, UINT16_MAX, i < 3 ? HOST_ALIVE : HOST_REJECT_ROUTER);
		run.config.payload_length = payloads[i % 3];
		run.config.count = 2400;
		run.config.interval = 10 * MS;
		run.config.timeout = 15 * SECOND;
		run.net.delay = 11 * SECOND;
		run_go(&run);
		assert_in_range(run.suspects, 198, 400);
		assert_true(run.total.late + run.total.errors > 1000);
		run_fini(&run);
	}
}
