/* SPDX-License-Identifier: MIT */
/*
 * The time left that is shown while a scan goes on, against the time that it then takes: from its first tenth on within
 * a factor of 1.5, or a second, or there is no figure.
 */
#include "run.h"

#include <stdio.h>

#include "app/eta.h"

#define SAMPLES 400
#define EVERY   (250 * MS)

struct changes {
	const struct run *run;
	struct eta eta;
	int64_t next, every;
	size_t count;
	struct {
		int64_t at, left;
	} samples[SAMPLES];
};

/* As the progress line: at its times. */
static void changes_event(void *user, const struct rp_event *event)
{
	struct changes *watch = user;
	const struct run *run = watch->run;

	if (watch->next == 0) {
		eta_init(&watch->eta, &run->config,
			 (uint64_t)rp_targets_count(run->targets) * rp_ports_count(run->port_set), run->start);
		watch->next = run->start + watch->every;
	}
	for (; watch->next <= event->time; watch->next += watch->every) {
		if (watch->count == SAMPLES) { /* every second one is enough */
			for (size_t i = 0; i < SAMPLES / 2; i++)
				watch->samples[i] = watch->samples[2 * i];
			watch->count /= 2;
			watch->every *= 2;
		}
		watch->samples[watch->count].at = watch->next;
		watch->samples[watch->count++].left = eta_left(&watch->eta, watch->next);
	}
	eta_event(&watch->eta, event);
}

static void eta_run_init(struct run *run, uint64_t seed, const char *targets, const char *ports, unsigned level)
{
	run_init(run, seed, RP_PROBE_TCP_SYN, targets, ports);
	rp_config_timing(&run->config, level);
	run->net.delay = 10 * MS;
	run->net.jitter = 2 * MS;
}

#define ANY 1e9

/* `most`: by what factor a figure may be off. */
static void eta_run(struct run *run, const char *what, double most, unsigned least)
{
	struct changes watch = {.every = EVERY, .run = run};
	double worst = 1, when = 0;
	unsigned figures = 0, all = 0;

	run->also = (struct rp_listener){changes_event, &watch};
	run_go(run);
	for (size_t i = 0; i < watch.count; i++) {
		double left = (double)watch.samples[i].left / 1e9,
		       truth = (double)(run->ended - watch.samples[i].at) / 1e9;

		if (watch.samples[i].at < run->start + (run->ended - run->start) / 10)
			continue;
		all++;
		if (watch.samples[i].left < 0)
			continue;
		figures++;
		double off = left > truth ? (left - 1) / truth : truth / (left + 1);
		if (off > worst) {
			worst = off;
			when = 1 - truth / run_seconds(run);
		}
	}
	run_note("%s: %.1f s, %u of %u times there is a figure, at worst off by a factor of %.2f (at %.0f %%)", what,
		 run_seconds(run), figures, all, worst, 100 * when);
	if (worst > most || figures * 100 < all * least)
		run_fail(run, "off by %.2f, %u figures of %u", worst, figures, all);
	run_fini(run);
}

static void hosts_open_to(struct run *run, uint16_t open, uint16_t closed)
{
	if (open > 0)
		run_rule(run, "10.0.0.0", "10.0.255.255", 1, open, HOST_OPEN);
	if (closed > open)
		run_rule(run, "10.0.0.0", "10.0.255.255", (uint16_t)(open + 1), closed, HOST_CLOSED);
}

TEST(silent)
{
	static const char *const ports[] = {"1-1000", "1-10000", "1-65535"};
	struct run run;

	for (unsigned level = 2; level <= 5; level++) {
		for (unsigned i = 0; i < (level == 3 ? 3 : 2); i++) {
			char what[64];

			snprintf(what, sizeof what, "silent, -T%u, ports %s", level, ports[i]);
			eta_run_init(&run, 1, "10.0.0.1", ports[i], level);
			eta_run(&run, what, 1.5, i == 0 ? 40 : 80);
		}
	}
	eta_run_init(&run, 1, "10.0.0.0/24", "1-100", 3);
	eta_run(&run, "256 silent hosts, 100 ports", 1.5, 80);
	eta_run_init(&run, 1, "10.0.0.0/20", "1-4", 4);
	eta_run(&run, "4096 silent hosts, 4 ports", 1.5, 80);
	for (unsigned retries = 0; retries <= 10; retries += 10) {
		eta_run_init(&run, 1, "10.0.0.1", "1-5000", 3);
		run.config.max_rate = 200;
		run.config.max_retries = retries;
		eta_run(&run, "5000 silent ports, 200 a second, with and without retries", 1.5, 70);
	}
}

/* Every nth port is silent. */
TEST(partly_silent)
{
	struct run run;

	for (unsigned every = 2; every <= 50; every *= 5) {
		for (unsigned level = 3; level <= 5; level++) {
			eta_run_init(&run, 1, "10.0.0.1", "1-30000", level);
			hosts_open_to(&run, 10, UINT16_MAX);
			run.net.silent_every = every;
			eta_run(&run, "one host, all ports, a part of them silent", 1.5, 0);
			eta_run_init(&run, 1, "10.0.0.1", "1-10000", level);
			hosts_open_to(&run, 10, UINT16_MAX);
			run.net.silent_every = every;
			run.config.max_rate = 500;
			eta_run(&run, "the same at 500 a second", 1.5, 70);
		}
	}
	for (unsigned level = 3; level <= 5; level++) {
		eta_run_init(&run, 1, "10.0.0.1", "1-30000", level);
		hosts_open_to(&run, 1, 0);
		eta_run(&run, "1 open, 29999 silent", 1.5, 50);
	}
	eta_run_init(&run, 1, "10.0.0.0/24", "1-300", 3);
	run_rule(&run, "10.0.0.100", "10.0.0.255", 1, UINT16_MAX, HOST_SILENT);
	hosts_open_to(&run, 10, 100);
	eta_run(&run, "100 hosts nearly silent, 156 silent", 1.5, 0);
}

TEST(lossy)
{
	struct run run;

	for (int64_t loss = 20000; loss <= 200000; loss += 90000) {
		for (uint64_t seed = 1; seed <= 2; seed++) {
			eta_run_init(&run, seed, "10.0.0.1", "1-30000", 3);
			hosts_open_to(&run, 10, 30000);
			run.net.loss_there = run.net.loss_back = loss;
			eta_run(&run, "closed, loss", 1.5, 0);
			eta_run_init(&run, seed, "10.0.0.1", "1-4000", 3);
			hosts_open_to(&run, 10, UINT16_MAX);
			run.net.silent_every = 2;
			run.net.loss_there = run.net.loss_back = loss;
			eta_run(&run, "half silent, loss", 1.5, 0);
			eta_run_init(&run, seed, "10.0.0.1", "1-4000", 3);
			hosts_open_to(&run, 10, UINT16_MAX);
			run.net.silent_every = 3;
			run.net.loss_there = run.net.loss_back = loss;
			run.config.max_rate = 500;
			eta_run(&run, "a third silent, loss, 500 a second", 1.5, 0);
		}
	}
}

TEST(limited)
{
	struct run run;

	eta_run_init(&run, 1, "10.0.0.1", "1-2000", 3);
	hosts_open_to(&run, 10, 2000);
	run.net.rst_rate = 200;
	eta_run(&run, "2000 closed, 200 RSTs a second", 1.5, 0);
	eta_run_init(&run, 1, "10.0.0.1", "1-20000", 3);
	hosts_open_to(&run, 10, 20000);
	run.net.silent_every = 2;
	run.net.rst_rate = 200;
	eta_run(&run, "10000 closed, 10000 silent, RSTs limited", 1.5, 0);
	eta_run_init(&run, 1, "10.0.0.1", "1-20000", 3);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 10, HOST_OPEN);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, UINT16_MAX, HOST_REJECT);
	run.net.icmp_rate = 10;
	eta_run(&run, "20000 rejected, 10 errors a second", 1.5, 0);
	eta_run_init(&run, 1, "10.0.0.1", "1-5000", 3);
	hosts_open_to(&run, 10, 5000);
	run.net.link_rate = 500;
	run.net.link_queue = 50;
	eta_run(&run, "5000 closed through 500 packets a second", 1.5, 0);
}

/* What comes cannot be known when it is of another kind than what was: these are here for their figures. */
TEST(changes)
{
	struct run run;

	eta_run_init(&run, 1, "10.0.0.1", "1-65535", 3);
	run_rule(&run, "10.0.0.1", "10.0.0.1", 1, 30000, HOST_SILENT);
	hosts_open_to(&run, 10, 65535);
	eta_run(&run, "30000 silent, then 35535 closed", ANY, 0);
	eta_run_init(&run, 1, "10.0.0.1", "1-20000", 3);
	run.config.max_rate = 500;
	hosts_open_to(&run, 10, 10000);
	eta_run(&run, "10000 closed, then 10000 silent, 500 a second", ANY, 0);
	eta_run_init(&run, 1, "10.0.0.0/24", "1-300", 3);
	run_rule(&run, "10.0.0.100", "10.0.0.255", 1, UINT16_MAX, HOST_SILENT);
	hosts_open_to(&run, 10, 300);
	eta_run(&run, "100 hosts closed, 156 silent, 300 ports", ANY, 0);
	eta_run_init(&run, 1, "10.0.0.1", "1-5000", 3);
	hosts_open_to(&run, 10, 2500);
	run.net.ban_after = 1000;
	eta_run(&run, "a ban", ANY, 0);
}
