/* SPDX-License-Identifier: MIT */
/* Floods of forged packets, each kind alone and all together: none is believed, and the truth still is. */
#include "forge.h"
#include "run.h"

#include <string.h>

#define PROBES 20
#define FORGED 10 /* for each probe */
#define PORTS  20
#define ICMP_TCP                                                                                                       \
	(const uint8_t[])                                                                                              \
	{                                                                                                              \
		1, 6                                                                                                   \
	}

static void flood_init(struct run *run, uint8_t protocol, unsigned kind, enum net_host host)
{
	run_init(run, kind + 1, protocol == 6 ? RP_PROBE_TCP_SYN : RP_PROBE_ICMP_ECHO, "10.0.0.1",
		 protocol == 6 ? "1-20" : NULL);
	run_rule(run, "10.0.0.1", "10.0.0.1", 0, UINT16_MAX, host);
	run->config.count = PROBES;
	run->config.interval = 10 * MS;
	run->config.timeout = SECOND;
	run->net.delay = 15 * MS;
	run->net.forge = FORGED * 1000000;
	run->net.forge_kind = kind;
}

static void expect_answers(struct run *run, uint8_t protocol, unsigned kind, enum net_host host)
{
	const char *name = kind > 0 ? forge_name(protocol, kind) : "all";

	run_go(run);
	uint64_t expected = host != HOST_SILENT ? PROBES : 0;

	/* So many open ports make rsyn ask for three that nobody uses. */
	if (protocol == 6 && host == HOST_OPEN)
		expected += 3;
	/* A forged challenge has a port asked again from the other source port, once. */
	uint64_t most = protocol == 6 && (kind == 0 || strcmp(name, "ACK alone") == 0) ? 2 * expected : expected;
	if (run->total.received < expected || run->total.received > most ||
	    run->total.duplicates + run->total.late > 0 || run->total.errors > 0)
		run_fail(run, "forged (%s): received %llu, duplicates %llu, errors %llu", name,
			 (unsigned long long)run->total.received, (unsigned long long)run->total.duplicates,
			 (unsigned long long)run->total.errors);
	if (run->forged < PROBES)
		run_fail(run, "forged (%s): only %llu came in time", name, (unsigned long long)run->forged);
	if (protocol == 6 && run_wrong_ports(run) > 0)
		run_fail(run, "forged (%s): %u ports are wrong", name, run_wrong_ports(run));
}

static void each_kind(uint8_t protocol, enum net_host host)
{
	for (unsigned kind = 0; kind <= forge_kinds(protocol); kind++) {
		struct run run;

		flood_init(&run, protocol, kind, host);
		expect_answers(&run, protocol, kind, host);
		run_fini(&run);
	}
}

TEST(echo_replies)
{
	each_kind(1, HOST_ALIVE);
	each_kind(1, HOST_SILENT);
	run_note("%u kinds of forged answers to echo requests", forge_kinds(1));
}

TEST(segments)
{
	each_kind(6, HOST_OPEN);
	each_kind(6, HOST_CLOSED);
	each_kind(6, HOST_SILENT);
	run_note("%u kinds of forged answers to SYNs", forge_kinds(6));
}

/* As much of the keyed value as fits. */
TEST(short_payloads)
{
	for (uint16_t length = 1; length < 16; length++) {
		struct run run;

		flood_init(&run, 1, 1, HOST_ALIVE);
		run.config.payload_length = length;
		expect_answers(&run, 1, 1, HOST_ALIVE);
		run_fini(&run);
	}
}

/* A thousand lies for each truth. */
TEST(heavy_flood)
{
	struct run run;

	for (unsigned i = 0; i < 2; i++) {
		flood_init(&run, ICMP_TCP[i], 0, HOST_OPEN);
		run.net.forge = 1000000000;
		run.net.foreign = 100000000;
		expect_answers(&run, ICMP_TCP[i], 0, HOST_OPEN);
		run_note("protocol %u: %llu forged, %llu foreign, %llu believed", ICMP_TCP[i],
			 (unsigned long long)run.forged, (unsigned long long)run.strays,
			 (unsigned long long)run.total.received);
		run_fini(&run);
	}
}
