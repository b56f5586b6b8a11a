/* SPDX-License-Identifier: MIT */
/* Scans against the truth: no port is wrong, and how long it takes. */
#include "run.h"

#include <stdio.h>

static double slowest, sum;
static uint64_t runs, sent;

static void scan_init(struct run *run, uint64_t seed, const char *targets, const char *ports)
{
	run_init(run, seed, RP_PROBE_TCP_SYN, targets, ports);
	run->net.delay = 10 * MS;
	run->net.jitter = 5 * MS;
}

/* No port is wrong; adds up the figures. */
static void scan_go(struct run *run)
{
	run_go(run);
	if (run_wrong_ports(run) > 0)
		run_fail(run, "%u ports are wrong", run_wrong_ports(run));
	runs++;
	sent += run->total.sent;
	sum += run_seconds(run);
	slowest = run_seconds(run) > slowest ? run_seconds(run) : slowest;
}

static void scan_note(const char *what)
{
	run_note("%s: %llu runs, %.2f s on average, %.2f s at most (virtual), %.0f probes each", what,
		 (unsigned long long)runs, sum / (double)runs, slowest, (double)sent / (double)runs);
	slowest = sum = 0;
	runs = sent = 0;
}

static void scan_end(struct run *run, const char *what)
{
	run_fini(run);
	scan_note(what);
}

/* Three hosts of every kind, a port range each. */
static void mixed_hosts(struct run *run)
{
	for (uint16_t kind = HOST_SILENT; kind <= HOST_REJECT_ROUTER; kind++)
		run_rule(run, "10.0.0.1", "10.0.0.3", (uint16_t)(kind * 10), (uint16_t)(kind * 10 + 9),
			 (enum net_host)kind);
}

static void one_lossless(uint64_t seed)
{
	static const int64_t delays[] = {0, 20000, MS, 40 * MS, 200 * MS, 600 * MS};
	struct run run;

	scan_init(&run, seed, "10.0.0.1-4", "1-99");
	mixed_hosts(&run);
	run.net.delay = delays[seed % 6];
	run.net.jitter = run.net.delay / 2;
	run.net.duplicate = seed % 2 ? 100000 : 0;
	run.net.hops = seed % 3;
	run.driver.wake = seed % 5 ? 0 : MS;
	scan_go(&run);
	run_fini(&run);
}

TEST(without_loss_all_is_right)
{
	run_seeds(60, one_lossless);
	scan_note("every kind of port, no loss");
}

static void lossy(uint64_t seed, int64_t loss)
{
	struct run run;

	scan_init(&run, seed, "10.0.0.1", "1-400");
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 200, HOST_OPEN);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 201, 400, HOST_CLOSED);
	run.net.loss_there = run.net.loss_back = loss;
	scan_go(&run);
	if (run_seconds(&run) >= 3)
		run_fail(&run, "it took %.2f s", run_seconds(&run));
	run_fini(&run);
}

static void one_at_20(uint64_t seed)
{
	lossy(seed, 200000);
}

static void one_at_5(uint64_t seed)
{
	lossy(seed, 50000);
}

TEST(loss_hides_no_port)
{
	run_seeds(20, one_at_5);
	scan_note("200 open and 200 closed, 5 % loss each way");
	run_seeds(20, one_at_20);
	scan_note("200 open and 200 closed, 20 % loss each way");
}

static void one_burst(uint64_t seed)
{
	struct run run;

	/* A fifth of the time nothing passes, for 20 ms on average. */
	scan_init(&run, seed, "10.0.0.1-8", "1-100");
	run.config.max_rate = 2000;
	run_rule(&run, "10.0.0.1", "10.0.0.8", 1, 50, HOST_OPEN);
	run_rule(&run, "10.0.0.1", "10.0.0.8", 51, 100, HOST_CLOSED);
	run.net.burst_every = 80 * MS;
	run.net.burst_for = 20 * MS;
	scan_go(&run);
	assert_in_range(run.total.sent, 850, 2000);
	run_fini(&run);
}

TEST(bursts_hide_no_port)
{
	run_seeds(10, one_burst);
	scan_note("8 hosts, 100 ports, bursts of loss");
}

TEST(silence)
{
	struct run run;

	scan_init(&run, 1, "10.0.0.1", "1-1000");
	scan_go(&run);
	assert_true(run_seconds(&run) < 4);
	scan_end(&run, "1000 silent ports");
}

TEST(silence_but_for_one)
{
	struct run run;

	scan_init(&run, 1, "10.0.0.1", "1-1000");
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 1, HOST_OPEN);
	scan_go(&run);
	assert_true(run_seconds(&run) < 4);
	scan_end(&run, "1 open and 999 silent ports");
}

TEST(all_ports_of_a_host)
{
	struct run run;

	scan_init(&run, 1, "10.0.0.1", "-");
	run_rule(&run, "10.0.0.1", "10.0.0.1", 20, 1023, HOST_OPEN);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 60000, 60999, HOST_SILENT);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 0, UINT16_MAX, HOST_CLOSED);
	run.net.loss_back = 10000;
	scan_go(&run);
	assert_int_equal(rp_ports_count(run.port_set), 65535);
	scan_end(&run, "65535 ports, 1 % loss");
}

TEST(thousands_of_hosts)
{
	struct run run;

	/* In each /24, the upper half is not there, and .0 to .31 are open. */
	scan_init(&run, 1, "10.0.0.0/20", "22,80");
	for (unsigned i = 0; i < 16; i++) {
		char first[32], last[32];

		snprintf(first, sizeof first, "10.0.%u.0", i);
		snprintf(last, sizeof last, "10.0.%u.%u", i, i == 15 ? 31 : 127);
		run_rule(&run, first, last, 22, 80, i % 2 ? HOST_CLOSED : HOST_OPEN);
	}
	scan_go(&run);
	scan_end(&run, "4096 hosts, 2 ports, half silent");
}

TEST(hosts_that_answer_everything)
{
	struct run run;

	scan_init(&run, 1, "10.0.0.0/24", "1-100");
	run_rule(&run, "0.0.0.0", "255.255.255.255", 0, UINT16_MAX, HOST_OPEN_REPEATS);
	scan_go(&run);
	assert_int_equal(run.total.received, 25600 + 256 * 3); /* and the canaries */
	scan_end(&run, "256 hosts that answer everything");
}

/* A router that says "prohibited" ten times a second, and is silent for the rest: filtered either way. */
TEST(limited_rejections)
{
	struct run run;

	scan_init(&run, 1, "10.0.0.1", "1-500");
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 10, HOST_OPEN);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 0, UINT16_MAX, HOST_REJECT_ROUTER);
	run.net.hops = 4;
	run.net.icmp_rate = 10;
	scan_go(&run);
	assert_in_range(run.total.errors, 2, 30);
	scan_end(&run, "490 rejected ports at 10 errors a second");
}

/* Half a second too slow for the first timeout, yet nothing is lost: 2 tries and, for the silent, 3 or a few more. */
TEST(slowness_is_no_loss)
{
	struct run run;

	scan_init(&run, 1, "10.0.0.1", "1-100");
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 50, HOST_OPEN);
	run.net.delay = 750 * MS;
	scan_go(&run);
	assert_in_range(run.total.sent, 50 * 2 + 50 * 3, 50 * 2 + 50 * 4);
	scan_end(&run, "50 ports of 1.5 s, 50 silent");
}

/* SYN-ACKs that a host repeats for want of an ACK are no round trips of 1 s and 3 s. */
TEST(repetitions_are_no_round_trips)
{
	struct run run;

	scan_init(&run, 1, "10.0.0.1", "1-100");
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 50, HOST_OPEN_REPEATS);
	scan_go(&run);
	assert_true(run_seconds(&run) < 1.4); /* 1 s before anything is known, then 3 tries of 0.1 s */
	scan_end(&run, "50 ports that repeat themselves, 50 silent");
}

TEST(slow_neighbour_and_limited_rate)
{
	struct run run;

	scan_init(&run, 1, "10.0.0.1", "1-300");
	run_rule(&run, "10.0.0.1", "10.0.0.1", 0, UINT16_MAX, HOST_CLOSED);
	run.net.neighbour = 2500 * MS;
	run.config.max_rate = 1000;
	scan_go(&run);
	scan_end(&run, "300 ports behind 2.5 s of ARP");
}
