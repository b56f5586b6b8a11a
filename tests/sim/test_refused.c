/* SPDX-License-Identifier: MIT */
/*
 * What this host's kernel refuses to send for a while, or for good. A refusal says nothing about a port: no scan may be
 * wrong because of one that passes, and nobody waits long for what is refused for good.
 */
#include "run.h"

#include <errno.h>
#include <stdio.h>

#define GIVEN_UP 3.0 /* seconds after which a target to which nothing could be sent is given up */

static void refused_init(struct run *run, uint64_t seed, const char *targets, const char *ports)
{
	run_init(run, seed, RP_PROBE_TCP_SYN, targets, ports);
	rp_config_timing(&run->config, 3);
	run->net.delay = 5 * MS;
	run->net.jitter = MS;
	run_rule(run, "10.0.0.0", "10.0.255.255", 1, 10, HOST_OPEN);
	run_rule(run, "10.0.0.0", "10.0.255.255", 11, UINT16_MAX, HOST_CLOSED);
}

static void refused_end(struct run *run, const char *what, double seconds)
{
	run_note("%s: %u wrong, %.2f s, %llu sent, %llu refused", what, run_wrong_ports(run), run_seconds(run),
		 (unsigned long long)run->total.sent, (unsigned long long)run->total.unsent);
	if (run_wrong_ports(run) > 0 || run_seconds(run) > seconds)
		run_fail(run, "%u wrong, %.2f s", run_wrong_ports(run), run_seconds(run));
	run_fini(run);
}

TEST(one_in_five)
{
	static const int errors[] = {EPERM, ENETUNREACH, EACCES};
	struct run run;

	for (size_t i = 0; i < 3; i++) {
		refused_init(&run, i + 1, "10.0.0.1", "1-1000");
		run.driver.refuse = 200000;
		run.driver.refuse_with = errors[i];
		run_go(&run);
		refused_end(&run, "a fifth refused", 7);
	}
}

/* A route is away, an interface down: it costs about that time. */
TEST(away_for_a_while)
{
	static const int64_t lengths[] = {50 * MS, 300 * MS, 2000 * MS};
	struct run run;

	for (size_t i = 0; i < 3; i++) {
		double slack = 2 * (double)lengths[i] / 1e9;

		refused_init(&run, i + 1, "10.0.0.1", "1-65535");
		run.driver.refuse_from = 30 * MS;
		run.driver.refuse_for = lengths[i];
		run.driver.refuse_with = ENETUNREACH;
		run_go(&run);
		refused_end(&run, "65535 ports, a route away", 1.2 + slack);

		refused_init(&run, i + 1, "10.0.0.0/20", "10-13");
		run.driver.refuse_from = 30 * MS;
		run.driver.refuse_for = lengths[i];
		run.driver.refuse_with = ENETDOWN;
		run_go(&run);
		refused_end(&run, "4096 hosts, an interface down", 1.2 + slack + (i == 2 ? 3 : 0));

		refused_init(&run, i + 1, "10.0.0.0/24", "10-13");
		run.config.max_retries = 0;
		run.driver.refuse_for = lengths[i]; /* from the beginning */
		run_go(&run);
		refused_end(&run, "256 hosts, without retries", 1.2 + slack);
	}
}

/* A firewall takes so many a second, and about as many are sent. */
TEST(limited)
{
	struct run run;
	uint64_t seed = 1;

	for (int64_t rate = 50; rate <= 1000; rate += rate) {
		refused_init(&run, seed++, "10.0.0.1", "1-1000");
		run.driver.refuse_rate = rate;
		run.driver.refuse_burst = 50;
		run_go(&run);
		assert_true(run.total.unsent < 2 * 1000 + 200);
		refused_end(&run, "1000 ports of a host through a limit", 1.5 * 950 / (double)rate + 1);

		refused_init(&run, seed++, "10.0.0.0/24", "9-12");
		run.driver.refuse_rate = rate;
		run.driver.refuse_burst = 5;
		run_go(&run);
		refused_end(&run, "4 ports of 256 hosts through a limit", 2 * 1024 / (double)rate + 2);
	}
}

/* One of many targets is refused for good: it is unknown, and the others are asked as fast as without it. */
TEST(one_of_many_for_good)
{
	struct run alone, with;

	refused_init(&alone, 1, "10.0.0.1-100", "1-200");
	run_go(&alone);
	refused_init(&with, 1, "10.0.0.1-100", "1-200");
	with.driver.refuse_address = 0x0a000032;
	with.driver.refuse_with = EACCES;
	run_go(&with);
	assert_int_equal(run_wrong_ports(&with), 200);
	for (uint32_t i = 0; i < 200; i++) {
		assert_int_equal(with.ports[i * 100 + 49].state, RP_STATE_UNKNOWN);
		assert_int_equal(with.ports[i * 100 + 49].reason, RP_REASON_SEND_FAILED);
	}
	run_note("the others: %.2f s, without the refused %.2f s; in all %.2f s", run_seconds_to(&with, 98),
		 run_seconds(&alone), run_seconds(&with));
	assert_true(run_seconds_to(&with, 98) < 1.1 * run_seconds(&alone));
	assert_true(run_seconds(&with) < GIVEN_UP + 0.5);
	run_fini(&alone);
	run_fini(&with);
}

/* A firewall lets nothing out to some ports: these are unknown, the others right, and no host is paused for them for
 * long. */
TEST(some_ports_for_good)
{
	static const uint16_t firsts[] = {10, 500, 900, 1000};
	struct run run;

	for (size_t i = 0; i < 4; i++) {
		uint32_t refused = 0;

		refused_init(&run, i + 1, "10.0.0.1-10", "1-1000");
		run.driver.refuse_port = firsts[i];
		run_go(&run);
		for (uint32_t k = 0; k < 10 * 1000; k++)
			refused += run.ports[k].reason == RP_REASON_SEND_FAILED;
		run_note("ports from %u on refused: %.2f s, %llu refusals", firsts[i], run_seconds(&run),
			 (unsigned long long)run.total.unsent);
		assert_int_equal(refused, 10 * (1001 - firsts[i]));
		assert_int_equal(run_wrong_ports(&run), refused);
		assert_true(run_seconds(&run) < GIVEN_UP + 0.5);
		run_fini(&run);
	}
}

/* Everything is refused for good: it ends, whatever there is to be sent, after a few tries of each target. */
TEST(all_for_good)
{
	static const struct {
		const char *targets, *ports;
	} what[] = {{"10.0.0.1", "1"}, {"10.0.0.1", "1-65535"}, {"10.0.0.0/20", "1-4"}};
	struct run run;

	for (size_t i = 0; i < 3; i++) {
		refused_init(&run, i + 1, what[i].targets, what[i].ports);
		run.driver.refuse = 1000000;
		run_go(&run);
		run_note("all refused: %.2f s, %llu refusals", run_seconds(&run), (unsigned long long)run.total.unsent);
		assert_int_equal(run.total.sent, 0);
		assert_true(run_seconds(&run) >= GIVEN_UP && run_seconds(&run) < GIVEN_UP + 0.1);
		assert_true(run.total.unsent <= 1000 + 11 * (uint64_t)rp_targets_count(run.targets));
		run_fini(&run);
	}
}

/* Any host, path and trouble of our own that passes. */
static void one_at_random(uint64_t seed)
{
	char ports[16], targets[24];
	struct rng dice;
	struct run run;

	rng_init(&dice, seed);
	snprintf(ports, sizeof ports, "1-%u", 11 + (unsigned)rng_below(&dice, 1000));
	snprintf(targets, sizeof targets, "10.0.0.1-%u", 1 + (unsigned)rng_below(&dice, 20));
	refused_init(&run, seed, targets, ports);
	run.net.delay = (int64_t)rng_below(&dice, 50) * MS;
	if (seed % 3 != 0) {
		run.driver.refuse_from = (int64_t)rng_below(&dice, 200) * MS;
		run.driver.refuse_for = (int64_t)rng_below(&dice, 2000) * MS;
	}
	if (seed % 3 != 1) {
		run.driver.refuse_rate = 200 + (int64_t)rng_below(&dice, 5000);
		run.driver.refuse_burst = 1 + (int64_t)rng_below(&dice, 200);
	}
	run.driver.refuse = (int64_t)rng_below(&dice, 300001);
	run_go(&run);
	if (run_wrong_ports(&run) > 0)
		run_fail(&run, "%u ports are wrong", run_wrong_ports(&run));
	run_fini(&run);
}

TEST(any_trouble_that_passes)
{
	run_seeds(100, one_at_random);
}
