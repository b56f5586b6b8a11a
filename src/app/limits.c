/* SPDX-License-Identifier: MIT */
/* The limits of ordinary users: how much they may send, and how often. */
#include "app/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "base/ns.h"
#include "app/die.h"

#define USER_INTERVAL       (2 * NS_PER_MS) /* between two probes, whoever they go to */
#define USER_RATE           (NS_PER_S / USER_INTERVAL)
#define USER_GROUP_INTERVAL NS_PER_S
#define USER_PRELOAD        3

/* From this port on the system lets everybody send. */
static int first_free_port(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
	int port = 1024;

	if (file == NULL)
		return port;
	if (fscanf(file, "%d", &port) != 1)
		port = 1024;
	fclose(file);
	return port;
}

/* Probes that leave in each interval. */
static uint64_t round_of(const struct app *app)
{
	uint64_t probes = rp_grid_count(rp_targets_probed(app->targets));

	return probes > 0 ? probes : 1;
}

static bool has_group(const struct app *app)
{
	for (uint32_t i = 0; i < rp_targets_count(app->targets); i++)
		if (rp_addr_ipv4_value(rp_targets_at(app->targets, i).address) >> 28 == 0xe)
			return true;
	return app->config.broadcast;
}

static void limit_series(const struct app *app)
{
	const char *name = app->about->name;
	const struct rp_config *config = &app->config;
	uint64_t probes = round_of(app);

	if (config->preload > USER_PRELOAD)
		die(name, "cannot set preload to value greater than %d: %u", USER_PRELOAD, config->preload);
	if (config->interval < USER_INTERVAL)
		die(name, "cannot flood, minimal interval for user must be >= 2 ms, use -i 0.002 (or higher)");
	if (probes > (uint64_t)(config->interval / USER_INTERVAL))
		die(name,
		    "cannot flood, a user may send %" PRId64 " probes a second: for %" PRIu64
		    " in each interval use -i %.3f (or "
		    "higher)",
		    USER_RATE, probes, (double)probes / (double)USER_RATE);
	if (config->interval < USER_GROUP_INTERVAL && has_group(app))
		die(name, "minimal interval for broadcast and multicast for user must be >= 1 s, use -i 1 (or higher)");
}

void limits_apply(struct app *app)
{
	const char *name = app->about->name;
	struct rp_config *config = &app->config;

	if (getauxval(AT_UID) == 0) /* whoever the run is now */
		return;
	config->floor = USER_INTERVAL;
	if (config->plan == RP_PLAN_SERIES)
		limit_series(app);
	if (config->min_rate > USER_RATE)
		die(name, "cannot flood, --min-rate for user must be <= %" PRId64, USER_RATE);
	if (config->source_port > 0 && config->source_port < first_free_port())
		die(name, "-g %u: ports below %d are root's", config->source_port, first_free_port());
	if (config->mark >= 0)
		warn(name, "failed to set mark: %" PRId64 ": Operation not permitted", config->mark);
	config->mark = -1;
}
