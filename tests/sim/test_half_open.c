/* SPDX-License-Identifier: MIT */
/* Ports that remember half-open connections, over a path that loses SYN-ACKs and RSTs: what a series and a wait say
 * of them. */
#include <math.h>

#include "check.h"
#include "run.h"

#define HOST "10.0.0.1"

static void series_init(struct run *run, uint64_t seed, enum net_host host)
{
	run_init(run, seed, RP_PROBE_TCP_SYN, HOST, "22");
	run->config.plan = RP_PLAN_SERIES;
	run->config.count = 2000;
	run->config.interval = 10 * MS;
	run->config.timeout = 800 * MS; /* before a SYN-ACK is repeated */
	run->net.delay = 2 * MS;
	run->source_ports = 256;
	run_rule(run, HOST, HOST, 22, 22, host);
}

/* Of 2,000 probes, in percent. */
static double loss_of(const struct run *run)
{
	return 100 * (double)(run->total.sent - run->total.received) / (double)run->total.sent;
}

static double worst;

/* The truth: the share of probes whose SYN or first answer the network dropped. */
static void series_one(uint64_t seed)
{
	static const int64_t losses[] = {20000, 50000, 100000, 200000};
	struct run run;

	for (unsigned way = 0; way < 3; way++) {
		series_init(&run, seed, seed % 3 == 2 ? HOST_CLOSED : HOST_LISTENS);
		run.net.loss_there = way != 1 ? losses[seed % 4] : 0;
		run.net.loss_back = way != 2 ? losses[seed % 4] : 0;
		run_go(&run);
		double truth = 100 * (double)net_dropped(run.world) / (double)run.total.sent;
		double error = fabs(loss_of(&run) - truth);
		if (error > worst)
			worst = error;
		if (error > 1.5)
			run_fail(&run, "%.2f %% loss, and the truth is %.2f %%", loss_of(&run), truth);
		run_fini(&run);
	}
}

TEST(loss_of_a_series_is_the_networks)
{
	uint64_t seeds = run_seeds(24, series_one);

	run_note("%llu seeds: loss is %.2f percentage points from the truth at most", (unsigned long long)seeds, worst);
}

/* Without our RSTs every probe leaves a half-open connection. None is lost for that, and what the target repeats is
 * told so. */
TEST(without_our_resets)
{
	struct run run;

	series_init(&run, 1, HOST_LISTENS);
	run.net.resets = 1;
	run_go(&run);
	assert_int_equal(run.total.received, 2000);
	assert_int_equal(run.total.duplicates, 0);
	assert_true(run.total.repeated > 256);
	assert_true(run.total.rtt_max < 5 * MS);
	run_fini(&run);
}

/* From one port, slowly enough for the limit of challenge ACKs: each is answered by one of the first SYN. */
TEST(from_one_port)
{
	struct run run;

	series_init(&run, 1, HOST_LISTENS);
	run.net.resets = 1;
	run.source_ports = 1;
	run.config.count = 100;
	run.config.interval = 600 * MS;
	run.config.timeout = 500 * MS;
	run_go(&run);
	assert_int_equal(run.total.received, 100);
	run_fini(&run);
}

/* Open it stays, however much is lost; a port that dies is gone. */
static void wait_one(uint64_t seed)
{
	struct run run;

	for (unsigned dies = 0; dies < 2; dies++) {
		run_init(&run, seed, RP_PROBE_TCP_SYN, HOST, "22");
		run.config.sought = RP_STATE_CLOSED;
		run.config.wait_interval = 250 * MS;
		run.config.deadline = dies ? 40 * SECOND : 10 * SECOND;
		run.net.delay = 2 * MS;
		run.net.loss_there = run.net.loss_back = (int64_t)(seed % 3) * 100000;
		run.net.resets = seed % 2;
		run.net.dies = dies ? 4 * SECOND : 0;
		run.source_ports = 41;
		run_rule(&run, HOST, HOST, 22, 22, HOST_LISTENS);
		run_go(&run);
		enum rp_state state = (enum rp_state)run.ports[0].state;
		if (state != (dies ? RP_STATE_FILTERED : RP_STATE_OPEN))
			run_fail(&run, "%s", rp_state_name(state));
		run_fini(&run);
	}
}

TEST(waiting_for_a_port_to_close)
{
	run_seeds(200, wait_one);
}
