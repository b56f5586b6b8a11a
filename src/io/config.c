/* SPDX-License-Identifier: MIT */
/*
 * The documented defaults, and what a config may say. Durations are bounded so that sums with instants stay far
 * inside int64_t; the timeout of a probe alone may be endless.
 */
#include "io/config.h"

#include <config.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/ns.h"
#include "wire/ipopts.h"

#define LONGEST (INT64_MAX / 8)

/* An IPv4 packet holds 65535 bytes. */
#define ICMP_PAYLOAD_MAX (65535 - 20 - 8)
#define IP_OPTIONS_MAX   40

#define TIMING_NORMAL 3

void rp_config_timing(struct rp_config *config, unsigned level)
{
	static const struct {
		unsigned max_retries;
		int64_t initial, min, max;
		int64_t scan_delay;
		uint32_t per_target;
		int64_t host_timeout;
		int64_t patience, silent_patience;
	} templates[] = {
		{25, 300 * NS_PER_S, 100 * NS_PER_MS, 300 * NS_PER_S, 300 * NS_PER_S, 1, 0, 0, 0},
		{25, 15 * NS_PER_S, 100 * NS_PER_MS, 15 * NS_PER_S, 15 * NS_PER_S, 1, 0, 0, 0},
		{25, NS_PER_S, 100 * NS_PER_MS, 10 * NS_PER_S, 400 * NS_PER_MS, 1, 0, 1600 * NS_PER_MS,
		 3700 * NS_PER_MS},
		{25, NS_PER_S, 100 * NS_PER_MS, 10 * NS_PER_S, 0, 0, 0, 1600 * NS_PER_MS, 3700 * NS_PER_MS},
		{25, 500 * NS_PER_MS, 100 * NS_PER_MS, 1250 * NS_PER_MS, 0, 0, 0, 500 * NS_PER_MS, 1500 * NS_PER_MS},
		{4, 250 * NS_PER_MS, 50 * NS_PER_MS, 300 * NS_PER_MS, 0, 0, 900 * NS_PER_S, 250 * NS_PER_MS,
		 750 * NS_PER_MS},
	};
	size_t at = level < sizeof templates / sizeof *templates ? level : TIMING_NORMAL;

	config->max_retries = templates[at].max_retries;
	config->initial_rtt_timeout = templates[at].initial;
	config->min_rtt_timeout = templates[at].min;
	config->max_rtt_timeout = templates[at].max;
	config->scan_delay = templates[at].scan_delay;
	config->per_target = templates[at].per_target;
	config->host_timeout = templates[at].host_timeout;
	config->patience = templates[at].patience;
	config->silent_patience = templates[at].silent_patience;
}

const char *rp_version(void)
{
	return RPROBE_VERSION;
}

static void set_defaults(struct rp_config *config, enum rp_probe_type probe)
{
	memset(config, 0, sizeof *config);
	config->size = sizeof *config;
	config->probe = probe;
	config->interval = NS_PER_S;
	config->preload = 1;
	config->timeout = RP_TIME_NONE;
	rp_config_timing(config, TIMING_NORMAL);
	config->deadline = RP_TIME_NONE;
	config->clock = RP_CLOCK_HARDWARE;
	config->identifier = -1;
	config->mark = -1;
	config->window = -1;

	switch (probe) {
	case RP_PROBE_ICMP_ECHO:
		config->plan = RP_PLAN_SERIES;
		config->payload_length = 56;
		break;
	case RP_PROBE_TCP_SYN:
		config->plan = RP_PLAN_SCAN;
		break;
	}
}

void rp_config_init(struct rp_config *config, size_t size, enum rp_probe_type probe)
{
	struct rp_config all;

	set_defaults(&all, probe);
	all.size = size;
	memset(config, 0, size);
	memcpy(config, &all, size < sizeof all ? size : sizeof all);
}

static bool duration_fits(int64_t value, int64_t min)
{
	return value >= min && value <= LONGEST;
}

static int check_probe(const struct rp_config *config, struct rp_error *error)
{
	switch (config->probe) {
	case RP_PROBE_ICMP_ECHO:
		if (config->plan == RP_PLAN_SCAN)
			return error_set(error, -EINVAL, "a scan of ports needs TCP probes");
		if (rp_targets_all_ports(config->targets) != NULL)
			return error_set(error, -EINVAL, "ICMP has no ports");
		if (config->payload_length > ICMP_PAYLOAD_MAX)
			return error_set(error, -EINVAL, "a payload of %u bytes does not fit: at most %d",
					 config->payload_length, ICMP_PAYLOAD_MAX);
		return 0;
	case RP_PROBE_TCP_SYN:
		if (rp_targets_all_ports(config->targets) == NULL ||
		    rp_ports_count(rp_targets_all_ports(config->targets)) == 0)
			return error_set(error, -EINVAL, "no port is given");
		if (config->payload_length > RP_SYN_DATA_MAX)
			return error_set(error, -EINVAL, "a payload of %u bytes does not fit: at most %d",
					 config->payload_length, RP_SYN_DATA_MAX);
		return 0;
	}
	return error_set(error, -EINVAL, "unknown type of probe");
}

static int check_plan(const struct rp_config *config, struct rp_error *error)
{
	switch (config->plan) {
	case RP_PLAN_SERIES:
		if (!duration_fits(config->interval, 0))
			return error_set(error, -EINVAL, "the interval is out of range");
		if (config->preload == 0)
			return error_set(error, -EINVAL, "the preload must be at least 1");
		if (config->timeout != RP_TIME_NONE && config->timeout <= 0)
			return error_set(error, -EINVAL, "the timeout is out of range");
		return 0;
	case RP_PLAN_SCAN:
		if (!duration_fits(config->min_rtt_timeout, 1) || !duration_fits(config->max_rtt_timeout, 1) ||
		    !duration_fits(config->initial_rtt_timeout, 1))
			return error_set(error, -EINVAL, "a round-trip timeout is out of range");
		if (!duration_fits(config->scan_delay, 0) || !duration_fits(config->host_timeout, 0) ||
		    !duration_fits(config->patience, 0) || !duration_fits(config->silent_patience, 0) ||
		    !duration_fits(config->wait_interval, 0))
			return error_set(error, -EINVAL, "a time of the scan is out of range");
		if (config->min_rtt_timeout > config->max_rtt_timeout)
			return error_set(error, -EINVAL, "the smallest round-trip timeout is above the largest");
		return 0;
	}
	return error_set(error, -EINVAL, "unknown plan");
}

/* What stands in the header besides the payload. */
static int check_options(const struct rp_config *config, struct rp_error *error)
{
	bool routed = ipopts_routes(config);
	unsigned most = config->ip_option == RP_IP_OPTION_STAMPS_PRESET ? 4 : RP_HOPS_MAX;

	if (config->ip_option == RP_IP_OPTION_NONE)
		return 0;
	if (config->probe != RP_PROBE_ICMP_ECHO)
		return error_set(error, -EINVAL, "only ICMP echo can have options of the IPv4 header");
	if (config->payload_length > ICMP_PAYLOAD_MAX - IP_OPTIONS_MAX)
		return error_set(error, -EINVAL, "a payload of %u bytes does not fit: at most %d with IP options",
				 config->payload_length, ICMP_PAYLOAD_MAX - IP_OPTIONS_MAX);
	if (config->hop_count > most || ((routed || most == 4) && config->hop_count == 0))
		return error_set(error, -EINVAL, "1 to %u hops are needed", most);
	return 0;
}

static int config_check(const struct rp_config *config, struct rp_error *error)
{
	int result;

	if (!config->targets || rp_targets_count(config->targets) == 0)
		return error_set(error, -EINVAL, "no target is given");
	result = check_probe(config, error);
	if (result < 0)
		return result;
	result = check_plan(config, error);
	if (result < 0)
		return result;
	result = check_options(config, error);
	if (result < 0)
		return result;
	if (config->deadline != RP_TIME_NONE && !duration_fits(config->deadline, 1))
		return error_set(error, -EINVAL, "the deadline is out of range");
	if (config->pattern_length > sizeof config->pattern)
		return error_set(error, -EINVAL, "the pattern is longer than %zu bytes", sizeof config->pattern);
	if (config->window < -1 || config->window > UINT16_MAX)
		return error_set(error, -EINVAL, "the window is out of range: 0 to 65535");
	if (config->identifier < -1 || config->identifier > UINT16_MAX)
		return error_set(error, -EINVAL, "the identifier is out of range: 0 to 65535");
	if (config->source.family != RP_FAMILY_NONE && config->source.family != RP_FAMILY_IPV4)
		return error_set(error, -EINVAL, "the source is no IPv4 address");
	return 0;
}

int config_take(struct rp_config *own, const struct rp_config *config, struct rp_error *error)
{
	const uint8_t *bytes = (const uint8_t *)config;

	if (config->size < offsetof(struct rp_config, targets))
		return error_set(error, -EINVAL, "the config was not made by rp_config_init()");
	for (size_t i = sizeof *own; i < config->size; i++)
		if (bytes[i] != 0)
			return error_set(error, -EINVAL,
					 "the config asks for what this version of the library does not know");
	set_defaults(own, config->probe);
	memcpy(own, config, config->size < sizeof *own ? config->size : sizeof *own);
	return config_check(own, error);
}
