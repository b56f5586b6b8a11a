/* SPDX-License-Identifier: MIT */
/* Targets and paths that make it hard: limited, narrow, far, dying. No port may be wrong that a patient person would
 * get right; check.c sees to it that the ledger is exact. */
#include "check.h"
#include "run.h"

#include <stdio.h>

/* As rsyn scans by default: ports of one host, the first so many open, the next so many closed, the others silent. */
static void hard_init(struct run *run, uint64_t seed, const char *ports, uint16_t open, uint16_t closed)
{
	run_init(run, seed, RP_PROBE_TCP_SYN, "10.0.0.1", ports);
	rp_config_timing(&run->config, 3);
	run->net.delay = 10 * MS;
	run->net.jitter = 2 * MS;
	if (open > 0)
		run_rule(run, "10.0.0.1", "10.0.0.1", 1, open, HOST_OPEN);
	if (closed > 0)
		run_rule(run, "10.0.0.1", "10.0.0.1", open + 1, open + closed, HOST_CLOSED);
}

static void hard_go(struct run *run, const char *what)
{
	run_go(run);
	run_note("%s: %u wrong, %.2f s, %llu probes, %llu answered, %llu late", what, run_wrong_ports(run),
		 run_seconds(run), (unsigned long long)run->total.sent, (unsigned long long)run->total.received,
		 (unsigned long long)run->total.late);
}

/* Nothing is wrong, and no more was needed than that. */
static void hard_end(struct run *run, double seconds, uint64_t probes)
{
	if (run_wrong_ports(run) > 0 || run_seconds(run) > seconds || run->total.sent > probes)
		run_fail(run, "%u wrong, %.2f s, %llu probes", run_wrong_ports(run), run_seconds(run),
			 (unsigned long long)run->total.sent);
	run_fini(run);
}

/* BSD's 200 a second: no more can be learned in less time, and asking faster teaches nothing. */
TEST(limited_resets)
{
	struct run run;

	for (uint64_t seed = 1; seed <= 30; seed++) { /* each with another beginning of the target's second */
		hard_init(&run, seed, "1-2000", 10, 1990);
		run.net.rst_rate = 200;
		hard_go(&run, "1990 closed, 200 RSTs a second");
		assert_true(run.findings & RP_FINDING_RST_LIMITED);
		hard_end(&run, 15, 20000);
	}

	for (uint64_t seed = 1; seed <= 60; seed++) { /* the last few left */
		hard_init(&run, seed, "1-400", 5, 395);
		run.net.delay = 10000;
		run.net.jitter = 1000;
		run.net.rst_rate = 50 + (int64_t)seed;
		run_go(&run);
		hard_end(&run, 12, 5000);
	}

	hard_init(&run, 1, "1-5000", 10, 4990);
	run.net.rst_rate = 200;
	hard_go(&run, "4990 closed, 200 RSTs a second");
	assert_true(run.findings & RP_FINDING_RST_LIMITED);
	hard_end(&run, 30, 40000);

	hard_init(&run, 1, "1-2000", 10, 990);
	run.net.rst_rate = 100;
	hard_go(&run, "990 closed and 1000 silent, 100 RSTs a second");
	assert_true(run.findings & RP_FINDING_RST_LIMITED);
	hard_end(&run, 30, 30000);

	hard_init(&run, 1, "1-1488", 1, 826); /* many of a number that a step of 2654435761 goes through one by one */
	run.net.rst_rate = 50;
	hard_go(&run, "826 closed and 661 silent, 50 RSTs a second");
	hard_end(&run, 40, 20000);

	hard_init(&run, 1, "1-40", 1, 39);
	run.net.rst_rate = 10;
	hard_go(&run, "39 closed, 10 RSTs a second");
	hard_end(&run, 6, 400);
}

/* Any limit, target and path without loss. Where a port is wrong, which is rare, it is told that some may be; and
 * what it takes bears a proportion to the least time in which so many RSTs come. */
TEST(limits_at_random)
{
	static const int64_t delays[] = {100000, MS, 10 * MS, 50 * MS, 150 * MS}, rates[] = {50, 100, 200, 250, 500};
	double least = 0, sum = 0;
	unsigned wrong = 0, unsure = 0;

	for (uint64_t seed = 1; seed <= 60; seed++) {
		char ports[16];
		struct rng dice;
		struct run run;

		rng_init(&dice, seed);
		uint16_t count = (uint16_t)(20 + rng_below(&dice, seed % 3 == 0 ? 15000 : 1500));
		uint16_t open = (uint16_t)rng_below(&dice, 11), silent = (uint16_t)rng_below(&dice, count / 2U);
		uint16_t closed = count > open + silent ? (uint16_t)(count - open - silent) : 1;
		snprintf(ports, sizeof ports, "1-%u", count);
		hard_init(&run, seed, ports, open, closed);
		run.net.delay = delays[rng_below(&dice, 5)];
		run.net.jitter = run.net.delay / 5;
		run.net.rst_rate = rates[rng_below(&dice, 5)];
		run_go(&run);
		least += (double)closed / (double)run.net.rst_rate;
		sum += run_seconds(&run);
		wrong += run_wrong_ports(&run) > 0;
		unsure += run.findings & RP_FINDING_MAYBE_CLOSED ? 1 : 0;
		if (run_wrong_ports(&run) > 0 && !(run.findings & RP_FINDING_MAYBE_CLOSED))
			run_fail(&run, "%u wrong, and that is not told", run_wrong_ports(&run));
		run_fini(&run);
	}
	run_note("60 limits: %u with wrong ports, %u unsure, %.0f s, at least %.0f s", wrong, unsure, sum, least);
	assert_true(wrong <= 2 && unsure <= 20);
	assert_true(sum < 3 * least);
}

/* Who allows so few tries cannot be sure. */
TEST(limits_and_few_tries)
{
	for (unsigned retries = 1; retries <= 5; retries += 2) {
		struct run run;

		hard_init(&run, retries, "1-20000", 5, 15000);
		run.config.max_retries = retries;
		run.net.delay = 150 * MS;
		run.net.rst_rate = 200;
		run_go(&run);
		assert_true(run_wrong_ports(&run) > 0);
		assert_true(run.findings & RP_FINDING_MAYBE_CLOSED);
		run_fini(&run);
	}
}

/* A host that keeps RSTs back and is asked but a few times more, all within a second or two: the ports stay
 * filtered, but that they may be closed is told. */
TEST(limits_and_tries_too_soon)
{
	static const int64_t delays[] = {100000, MS, 10 * MS, 50 * MS, 150 * MS},
			     rates[] = {10, 20, 50, 100, 200, 250, 500};
	unsigned wrong = 0;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		char ports[16];
		struct rng dice;
		struct run run;

		rng_init(&dice, seed);
		uint16_t open = (uint16_t)rng_below(&dice, 11), closed = (uint16_t)(20 + rng_below(&dice, 1500));
		snprintf(ports, sizeof ports, "1-%u", open + closed + (unsigned)rng_below(&dice, closed / 2U));
		hard_init(&run, seed, ports, open, closed);
		run.config.max_retries = (unsigned)(5 + seed % 6);
		run.net.delay = delays[rng_below(&dice, 5)];
		run.net.jitter = run.net.delay / 5;
		run.net.rst_rate = rates[rng_below(&dice, 7)];
		run_go(&run);
		wrong += run_wrong_ports(&run) > 0;
		if (run_wrong_ports(&run) > 0 &&
		    (~run.findings & (RP_FINDING_RST_LIMITED | RP_FINDING_MAYBE_CLOSED)) != 0)
			run_fail(&run, "%u wrong, and that is not told", run_wrong_ports(&run));
		run_fini(&run);
	}
	run_note("200 limits and 5 to 10 retries: %u with wrong ports, all told", wrong);
	assert_true(wrong > 100);
}

/* A filter that lets a few closed ports answer is none, with any number of tries and up to 5 % loss each way. */
TEST(walls_are_not_limits)
{
	static const int64_t delays[] = {100000, MS, 10 * MS, 50 * MS, 150 * MS};

	for (uint64_t seed = 1; seed <= 600; seed++) {
		char ports[16];
		struct rng dice;
		struct run run;

		rng_init(&dice, seed);
		uint16_t open = (uint16_t)rng_below(&dice, 11);
		uint16_t closed = (uint16_t)(4 + rng_below(&dice, seed % 5 == 0 ? 600 : 60));
		snprintf(ports, sizeof ports, "1-%u", open + closed + 100 + (unsigned)rng_below(&dice, 1000));
		hard_init(&run, seed, ports, open, closed);
		if (seed % 3 == 0)
			rp_config_timing(&run.config, 5);
		run.config.max_retries = (unsigned)(seed % 16);
		run.net.delay = delays[rng_below(&dice, 5)];
		run.net.jitter = run.net.delay / 5;
		run.net.loss_there = run.net.loss_back = (int64_t)rng_below(&dice, 50001);
		run_go(&run);
		if (run.findings & (RP_FINDING_RST_LIMITED | RP_FINDING_MAYBE_CLOSED))
			run_fail(&run, "a filter is told to be a limit");
		run_fini(&run);
	}
}

/* So is a link that carries less than is sent: what it dropped looks as if it were kept back. */
TEST(narrow_links_and_few_tries)
{
	for (int64_t rate = 20; rate <= 500; rate *= 25) {
		struct run run;

		for (unsigned retries = 2; retries <= 3; retries++) {
			hard_init(&run, retries, "1-1000", 5, 995);
			run.config.max_retries = retries;
			run.net.link_rate = rate;
			run.net.link_queue = 20;
			run_go(&run);
			assert_true(run_wrong_ports(&run) > 0);
			assert_true(run.findings & RP_FINDING_RST_LIMITED);
			assert_true(run.findings & RP_FINDING_MAYBE_CLOSED);
			run_fini(&run);
		}
	}
}

/* The second look costs a sample, and no time. */
TEST(filters_are_not_limits)
{
	struct run run;

	for (uint64_t seed = 1; seed <= 5; seed++) {
		hard_init(&run, seed, "1-1000", 10, 490);
		hard_go(&run, "490 closed, 500 silent");
		assert_false(run.findings & RP_FINDING_RST_LIMITED);
		hard_end(&run, 1.75, 500 + 500 * 3 + 64 + 1);

		hard_init(&run, seed, "1-1000", 10, 490);
		run.net.loss_there = run.net.loss_back = 50000;
		hard_go(&run, "the same at 5 % loss each way");
		assert_false(run.findings & RP_FINDING_RST_LIMITED);
		hard_end(&run, 2.75, 6000);
	}

	hard_init(&run, 1, "1-2000", 0, 2000); /* RSTs come at a rate, because that is ours */
	run.config.max_rate = 100;
	run.net.loss_there = run.net.loss_back = 100000;
	hard_go(&run, "2000 closed, asked at 100 a second, 10 % loss each way");
	assert_false(run.findings & RP_FINDING_RST_LIMITED);
	hard_end(&run, 40, 4000);
}

/* A link with room for 50 packets: a quarter more than the least time, and 0.6 retries a port. */
TEST(narrow_link)
{
	struct run run;

	hard_init(&run, 1, "1-5000", 2500, 2500);
	run.net.link_rate = 1000;
	run.net.link_queue = 50;
	hard_go(&run, "5000 ports through 1000 packets a second");
	assert_false(run.findings & RP_FINDING_RST_LIMITED);
	hard_end(&run, 7, 10000);

	hard_init(&run, 1, "1-5000", 2500, 2500);
	run.net.link_rate = 10000;
	run.net.link_queue = 100;
	hard_go(&run, "5000 ports through 10000 packets a second");
	hard_end(&run, 2.5, 15000);

	hard_init(&run, 1, "1-2000", 500, 500); /* silence takes 16 tries here */
	run.net.link_rate = 100;
	run.net.link_queue = 20;
	hard_go(&run, "1000 of 2000 ports answer through 100 packets a second");
	hard_end(&run, 500, 24000);
}

/* Nearly as fast as without: what is lost by chance is no reason to go slowly. */
TEST(random_loss)
{
	struct run run;

	for (uint64_t seed = 1; seed <= 5; seed++) {
		hard_init(&run, seed, "1-5000", 2500, 2500);
		run.net.loss_there = run.net.loss_back = 200000;
		hard_go(&run, "5000 ports at 20 % loss each way");
		assert_false(run.findings & RP_FINDING_RST_LIMITED);
		hard_end(&run, 2.5, 5000 * 2);

		hard_init(&run, seed, "1-3000", 0, 3000);
		run.net.loss_there = run.net.loss_back = 300000;
		hard_go(&run, "3000 closed ports at 30 % loss each way");
		assert_false(run.findings & RP_FINDING_RST_LIMITED);
		hard_end(&run, 12, 3000 * 3);
	}
}

TEST(deaf_every_second_time)
{
	struct run run;

	hard_init(&run, 1, "1-1000", 500, 500);
	run.net.every = 2;
	hard_go(&run, "1000 ports, every second packet heard");
	assert_in_range(run.total.received, 1000, 1001 + 3 * (run.findings & RP_FINDING_ANSWERS_EVERYTHING));
	hard_end(&run, 4, 3000);
}

/* It answers for two seconds: what came is told, what did not is silence, and it ends. */
TEST(target_dies)
{
	struct run run;

	hard_init(&run, 1, "1-4000", 0, 4000);
	run.config.max_rate = 1000;
	run.net.dies = 2 * SECOND;
	hard_go(&run, "4000 closed ports of a host that lives for 2 s");
	assert_in_range(run.total.received, 1980, 2000);
	assert_int_equal(run_wrong_ports(&run), 4000 - run.total.received);
	for (uint32_t i = 0; i < 4000; i++)
		assert_true(run.ports[i].state == RP_STATE_CLOSED || run.ports[i].reason == RP_REASON_NO_RESPONSE);
	assert_true(run_seconds(&run) < 15);
	run_fini(&run);
}

TEST(two_seconds_away)
{
	struct run run;

	hard_init(&run, 1, "1-1000", 300, 300);
	run.net.delay = SECOND;
	hard_go(&run, "1000 ports, 2 s away");
	hard_end(&run, 6, 4000); /* twice 2 s, where RSTs came after a rest */
	hard_init(&run, 1, "1-1000", 300, 300);
	run.net.delay = SECOND;
	run.net.loss_there = run.net.loss_back = 50000;
	hard_go(&run, "1000 ports, 2 s away, 5 % loss each way");
	hard_end(&run, 20, 6000);
}

TEST(disorder_and_doubles)
{
	struct run run;

	hard_init(&run, 1, "1-1000", 400, 400);
	run.net.reorder = 300000;
	run.net.reorder_by = 80 * MS;
	run.net.duplicate = 300000;
	hard_go(&run, "1000 ports, a third late and a third twice");
	assert_in_range(run.total.duplicates, 400, 900); /* of 800: 0.3 + 0.3 + 0.09 each, or less for those re-asked */
	hard_end(&run, 2.5, 3000);
}

/* The second source port finds what the first is refused. */
TEST(challenges)
{
	struct run run;

	hard_init(&run, 1, "1-100", 0, 0);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 50, HOST_CHALLENGE);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 51, 100, HOST_CLOSED);
	hard_go(&run, "50 ports that challenge");
	assert_int_equal(run.remarks, RP_REMARK_CHALLENGED);
	assert_int_equal(run.total.suspect, 50);
	hard_end(&run, 0.2, 151);
}

/* No room in this host's queues is no refusal. */
TEST(full_queues)
{
	struct run run;

	hard_init(&run, 1, "1-5000", 2500, 2500);
	run.driver.full = 500000;
	run.driver.full_for = 20 * MS;
	hard_go(&run, "half of the batches find no room");
	assert_int_equal(run.total.unsent, 0);
	hard_end(&run, 3, 5100);
}
