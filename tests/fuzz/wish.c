/* SPDX-License-Identifier: MIT */
/* Makes configs of the fuzzer's bytes, from values worth trying: bounds, and the defaults of the tools. */
#include "wish.h"

#include <stdio.h>

#include "fuzz.h"
#include "target/set.h"

#define MS           INT64_C(1000000)

/* One of a table, by the next byte. */
#define pick(input, table) ((table)[reader_u8(input) % (sizeof(table) / sizeof((table)[0]))])

static const char *const port_lists[] = {"80", "22,80,443", "1-8", "0,65535"};

/* With all ports of the list, or each with not every third. */
static struct rp_targets *targets_of(const char *text, const char *list, bool parts)
{
	struct rp_targets *targets, *each;
	struct rp_ports *ports = NULL;

	check(rp_targets_new(&targets) == 0 && rp_targets_new(&each) == 0);
	check(list == NULL || rp_ports_parse(&ports, list, NULL) == 0);
	check(rp_targets_set_ports(targets, ports) == 0);
	check(set_add_text(parts ? each : targets, text, NULL) == 0);
	for (uint32_t target = 0; target < rp_targets_count(each); target++) {
		struct rp_ports *part;

		check(rp_ports_join(&part, (const struct rp_ports *const[]){ports}, 1) == 0);
		for (uint32_t i = 0; i < rp_ports_count(ports); i++) {
			char port[8];

			snprintf(port, sizeof port, "%u", rp_ports_at(ports, i));
			if ((target + rp_ports_at(ports, i)) % 3 == 0)
				check(rp_ports_exclude(part, port, NULL) == 0);
		}
		check(rp_targets_set_ports(targets, part) == 0);
		check(set_add_address(targets, rp_targets_at(each, target).address, NULL, NULL) == 0);
		rp_ports_free(part);
	}
	rp_ports_free(ports);
	rp_targets_free(each);
	return targets;
}

/* Whether each target is asked for a part of the ports. */
static bool take_scan(struct rp_config *config, struct reader *input)
{
	static const int64_t round_trips[] = {100 * MS, 1, 1000 * MS, 10000 * MS, INT64_MAX / 8};
	static const uint32_t rates[] = {0, 1, 100, 1000000000, UINT32_MAX};
	static const int64_t waits[] = {0, 10 * MS, 3000 * MS, INT64_MAX / 8};
	uint8_t flags = reader_u8(input);

	config->max_retries = reader_u8(input) % 12;
	config->initial_rtt_timeout = pick(input, round_trips);
	config->min_rtt_timeout = pick(input, round_trips);
	config->max_rtt_timeout = pick(input, round_trips);
	if (config->max_rtt_timeout < config->min_rtt_timeout)
		config->max_rtt_timeout = config->min_rtt_timeout;
	config->max_rate = pick(input, rates);
	config->min_rate = pick(input, rates);
	config->scan_delay = pick(input, waits);
	config->per_target = reader_u8(input) % 4;
	config->host_timeout = pick(input, waits);
	config->patience = pick(input, waits);
	config->silent_patience = pick(input, waits);
	config->sought = flags % 4;
	config->sought_first = flags & 4;
	config->wait_interval = config->sought != RP_STATE_UNKNOWN && flags & 8 ? 500 * MS : 0;
	config->syn_options = flags >> 5 & 3;
	config->wrong_checksum = flags >> 7;
	return flags & 16;
}

static void take_series(struct rp_config *config, struct reader *input)
{
	config->until_answered = reader_u8(input) % 4;
	config->until_silent = reader_u8(input) % 4;
	config->max_errors = reader_u8(input) % 4;
	config->pattern_length = reader_u8(input) % 17;
	config->show_sent = reader_u8(input) & 1;
	if (config->probe != RP_PROBE_ICMP_ECHO)
		return;
	config->ip_option = reader_u8(input) % 7;
	config->hop_count = (uint8_t)(1 + reader_u8(input) % 4);
	for (uint8_t i = 0; i < config->hop_count; i++)
		config->hops[i] = rp_addr_ipv4(0x0a0000fe + i);
}

void wish_take(struct rp_config *config, struct reader *input)
{
	static const char *const targets[] = {"10.0.0.2", "10.0.0.2-5", "10.0.0.3-4", "127.0.0.1"};
	static const int64_t intervals[] = {1000 * MS, 0, 100 * MS, 3600000 * MS, INT64_MAX / 8};
	static const int64_t floors[] = {0, 20 * MS, 200 * MS};
	static const int64_t timeouts[] = {RP_TIME_NONE, MS, 300 * MS, 5000 * MS, 30000 * MS};
	static const int64_t deadlines[] = {RP_TIME_NONE, 1, 2000 * MS, 60000 * MS, INT64_MAX / 8};
	static const uint16_t payloads[] = {56, 0, 4, 8, 12, 15, 16, 17, 1400};
	static const unsigned preloads[] = {1, 2, 3, 100, 65536};
	static const enum rp_clock clocks[] = {RP_CLOCK_HARDWARE, RP_CLOCK_KERNEL, RP_CLOCK_USER};
	uint8_t kind = reader_u8(input);
	const char *list = port_lists[0];

	config->probe = kind % 3 == 0 ? RP_PROBE_ICMP_ECHO : RP_PROBE_TCP_SYN;
	config->plan = kind % 3 == 2 ? RP_PLAN_SCAN : RP_PLAN_SERIES;
	config->adaptive = kind & 0x20;
	config->report_overdue = kind & 0x40;
	config->count_replies = kind & 0x80;
	config->count = reader_u8(input) % 8; /* 0: no end */
	config->interval = pick(input, intervals);
	const char *text = targets[0];
	bool parts = false;
	/* A flood has slots for 65,535 rounds, so it goes to one port of one target. */
	if (config->interval > 0) {
		text = pick(input, targets);
		list = pick(input, port_lists);
	}
	config->floor = pick(input, floors);
	config->timeout = pick(input, timeouts);
	if (reader_u8(input) == 0xff) /* seldom: it makes for a million slots, which take their time */
		config->timeout = INT64_MAX;
	config->deadline = pick(input, deadlines);
	config->preload = pick(input, preloads);
	config->payload_length = pick(input, payloads);
	config->clock = pick(input, clocks);
	config->window = -1;
	if (config->plan == RP_PLAN_SCAN)
		parts = take_scan(config, input);
	else
		take_series(config, input);
	config->time_to_live = 64;
	config->targets = targets_of(text, config->probe == RP_PROBE_TCP_SYN ? list : NULL, parts);
}

void wish_free(struct rp_config *config)
{
	rp_targets_free(config->targets);
}
