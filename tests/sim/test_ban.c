/* SPDX-License-Identifier: MIT */
/*
 * Hosts that ban a scan in the middle of it, by silence, RSTs or ICMP errors: that is noticed, and said of nobody else.
 */
#include "run.h"

#include <stdio.h>

static const int64_t delays[] = {100000, MS, 10 * MS, 50 * MS, 150 * MS};

/* Ports of one host anywhere in its range: the first rule says which are open, the next which are closed. */
struct host {
	uint16_t ports, open_first, open, closed_first, closed;
};

static struct host any_host(struct rng *dice)
{
	struct host host = {.ports = (uint16_t)(30 + rng_below(dice, 1500))};

	host.open = (uint16_t)rng_below(dice, 6);
	host.open_first = (uint16_t)(1 + rng_below(dice, host.ports - host.open));
	switch (rng_below(dice, 3)) {
	case 0: /* the others are closed */
		host.closed = host.ports;
		host.closed_first = 1;
		break;
	case 1: /* filtered */
		break;
	default:
		host.closed = (uint16_t)rng_below(dice, host.ports / 2U);
		host.closed_first = (uint16_t)(1 + rng_below(dice, host.ports - host.closed));
	}
	return host;
}

static void any_init(struct run *run, uint64_t seed, struct rng *dice, struct host *host)
{
	char ports[16];

	rng_init(dice, seed);
	*host = any_host(dice);
	snprintf(ports, sizeof ports, "1-%u", host->ports);
	run_init(run, seed, RP_PROBE_TCP_SYN, "10.0.0.1", ports);
	rp_config_timing(&run->config, (unsigned)(3 + seed % 3));
	run->net.delay = delays[rng_below(dice, 5)];
	run->net.jitter = run->net.delay / 5;
	if (seed % 4 == 0)
		run->config.max_rate = 500;
	if (host->open > 0)
		run_rule(run, "10.0.0.1", "10.0.0.1", host->open_first, (uint16_t)(host->open_first + host->open - 1),
			 HOST_OPEN);
	if (host->closed > 0)
		run_rule(run, "10.0.0.1", "10.0.0.1", host->closed_first,
			 (uint16_t)(host->closed_first + host->closed - 1), HOST_CLOSED);
}

/* Nobody who does not ban is said to, whatever is lost, limited or filtered. */
TEST(who_does_not_ban)
{
	for (uint64_t seed = 1; seed <= 600; seed++) {
		struct host host;
		struct rng dice;
		struct run run;

		any_init(&run, seed, &dice, &host);
		switch (seed % 6) {
		case 0:
			run.net.loss_there = run.net.loss_back = 200000;
			break;
		case 1:
			run.net.loss_there = run.net.loss_back = (int64_t)rng_below(&dice, 200001);
			run.config.max_retries = (unsigned)rng_below(&dice, 4);
			break;
		case 2:
			run.net.rst_rate = 10 + (int64_t)rng_below(&dice, 500);
			break;
		case 3:
			run.net.icmp_rate = 1 + (int64_t)rng_below(&dice, 50);
			run_rule(&run, "10.0.0.1", "10.0.0.1", 1, UINT16_MAX, HOST_REJECT);
			break;
		case 4:
			run.net.burst_every = 200 * MS;
			run.net.burst_for = (int64_t)rng_below(&dice, 100) * MS;
			break;
		default:
			run.net.link_rate = 100 + (int64_t)rng_below(&dice, 5000);
			run.net.link_queue = 50;
		}
		run_go(&run);
		if (run.findings & RP_FINDING_BANNED)
			run_fail(&run, "no ban is told to be one");
		run_fini(&run);
	}
}

static unsigned count(const struct run *run, uint32_t ports, enum rp_state state)
{
	unsigned found = 0;

	for (uint32_t i = 0; i < ports; i++)
		found += run->ports[i].state == (uint8_t)state;
	return found;
}

/* Who bans, after any number of SYNs that leaves enough ports, and by any means that is one. It matters where more
 * than ten ports are called otherwise than they are; and where only closed ones are known, further RSTs show
 * nothing. */
TEST(who_bans)
{
	unsigned missed = 0, found = 0, hidden = 0;
	double longest = 0;

	for (uint64_t seed = 1; seed <= 600; seed++) {
		struct host host;
		struct rng dice;
		struct run run;

		any_init(&run, seed, &dice, &host);
		run.net.ban_after = 1 + (int64_t)rng_below(&dice, host.ports - 20U);
		run.net.ban_by = (int64_t)(seed % 3);
		run.net.loss_there = run.net.loss_back = seed % 2 ? (int64_t)rng_below(&dice, 50001) : 0;
		run_go(&run);
		if (run.findings & RP_FINDING_BANNED) {
			found++;
			longest = run_seconds(&run) > longest ? run_seconds(&run) : longest;
			for (uint32_t i = 0; i < host.ports; i++)
				assert_true(run.ports[i].reason != RP_REASON_NO_RESPONSE ||
					    run.ports[i].state == RP_STATE_UNKNOWN);
		} else if (run_wrong_ports(&run) > 10) {
			bool shows = count(&run, host.ports, RP_STATE_OPEN) > 0 ||
				     (run.net.ban_by != 1 && count(&run, host.ports, RP_STATE_CLOSED) > 0);

			if (shows)
				run_note("miss %d: ports %u open %u+%u closed %u+%u after %d by %d delay %d rate %d "
					 "findings %d loss %d: %.1f s opens %u closeds %u wrong %u",
					 (int)seed, host.ports, host.open_first, host.open, host.closed_first,
					 host.closed, (int)run.net.ban_after, (int)run.net.ban_by,
					 (int)run.net.delay / 1000, run.config.max_rate, run.findings,
					 (int)run.net.loss_back, run_seconds(&run),
					 count(&run, host.ports, RP_STATE_OPEN),
					 count(&run, host.ports, RP_STATE_CLOSED), run_wrong_ports(&run));
			missed += shows;
			hidden += !shows;
		}
		run_fini(&run);
	}
	run_note("%u bans noticed, %u missed, %u that nothing shows; the longest scan took %.1f s", found, missed,
		 hidden, longest);
	assert_true(found > 250 && missed <= found / 50);
}

/* What it costs where nobody bans: a probe, and no time. */
TEST(cost)
{
	static const struct {
		const char *what;
		uint16_t open, closed;
		unsigned probes;
		double seconds; /* before there was such a look: unchanged */
	} hosts[] = {{"3 open, 997 closed", 3, 997, 1000, 0.05},
		     {"3 open, 997 silent", 3, 0, 3 + 997 * 4, 1.7},
		     {"1000 closed", 0, 1000, 1000, 0.05}};

	for (size_t i = 0; i < 3; i++) {
		struct run run;

		run_init(&run, 1, RP_PROBE_TCP_SYN, "10.0.0.1", "1-1000");
		rp_config_timing(&run.config, 3);
		run.net.delay = 10 * MS;
		if (hosts[i].open > 0)
			run_rule(&run, "10.0.0.1", "10.0.0.1", 20, (uint16_t)(19 + hosts[i].open), HOST_OPEN);
		if (hosts[i].closed > 0)
			run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 1000, HOST_CLOSED);
		run_go(&run);
		run_note("%s: %llu probes, %.3f s", hosts[i].what, (unsigned long long)run.total.sent,
			 run_seconds(&run));
		assert_true(run.total.sent <= hosts[i].probes + 1);
		assert_true(run_seconds(&run) <= hosts[i].seconds);
		run_fini(&run);
	}
}
