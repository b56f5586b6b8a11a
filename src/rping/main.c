/* SPDX-License-Identifier: MIT */
/*
 * rping: sends ICMP echo requests to a host. From the options to a config, and from the ledger to the
 * exit code: 0 answered, 1 not, 2 usage, name or system error.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "cli/die.h"
#include "rping/opts.h"
#include "tool/tool.h"

#define EXIT_UNANSWERED 1

#define NAME_SIZE 1025 /* NI_MAXHOST */

/* The best clock that may be used. */
static enum rp_clock best_clock(int choice)
{
	switch ((enum rping_clock)choice) {
	case RPING_CLOCK_AUTO:
	case RPING_CLOCK_HARDWARE:
		return RP_CLOCK_HARDWARE;
	case RPING_CLOCK_KERNEL:
		return RP_CLOCK_KERNEL;
	case RPING_CLOCK_USER:
		return RP_CLOCK_USER;
	}
	return RP_CLOCK_HARDWARE;
}

static void config_fill(struct rp_config *config, const struct rping_options *options)
{
	rp_config_init(config, RP_PROBE_ICMP_ECHO);
	config->count = (uint64_t)options->count;
	config->interval = options->interval;
	if (options->interval == RPING_INTERVAL_AUTO)
		config->interval = options->flood ? 0 : NS_PER_S;
	config->adaptive = options->adaptive;
	config->clock = best_clock(options->clock);
	config->preload = (unsigned)options->preload;
	if (options->timeout != RPING_TIMEOUT_AUTO)
		config->timeout = options->timeout > 0 ? options->timeout : INT64_MAX;
	if (options->deadline > 0)
		config->deadline = options->deadline;
	config->count_replies = options->deadline > 0 && options->count > 0;
	config->report_overdue = options->report_outstanding;
	config->time_to_live = (uint8_t)options->time_to_live;
	config->type_of_service = (uint8_t)options->type_of_service;
	config->payload_length = (uint16_t)options->size;
	memcpy(config->pattern, options->pattern, sizeof config->pattern);
	config->pattern_length = options->pattern_length;
	config->identifier = (int)options->identifier;
	config->source = options->source;
	config->interface = options->interface;
}

/* iputils' habit: a target given by name is called by the name of its address, unless -n. */
static const char *reverse_name(const struct rp_target *target, bool numeric, char *name, size_t size)
{
	if (numeric || target->canonical == NULL || rp_reverse_name(target->address, name, size) < 0)
		return NULL;
	return name;
}

static int exit_code(const struct tool *tool)
{
	struct rp_stats stats;

	rp_session_stats(tool->session, RP_ALL_TARGETS, &stats);
	if (stats.received == 0 || (tool->config.count_replies && stats.received < tool->config.count))
		return EXIT_UNANSWERED;
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct tool tool;
	struct rping_options options = {0};
	const char **operands;
	int count = 0;

	tool_open(&tool, &rping_tool, RP_SOCKETS_ICMP);
	operands = calloc((size_t)argc + 1, sizeof *operands);
	if (operands == NULL)
		die(rping_tool.name, "out of memory");
	tool_parse(&tool, argc, argv, &options, operands, &count);
	if (count == 0)
		die(rping_tool.name, "usage error: Destination address required (rping --help lists the options)");
	if (count > 1)
		die(rping_tool.name, "one host at a time: '%s' is a second one", operands[1]);
	tool_add_target(&tool, operands[0]);
	if (rp_targets_count(tool.targets) != 1)
		die(rping_tool.name, "one host at a time: '%s' names %u", operands[0], rp_targets_count(tool.targets));

	config_fill(&tool.config, &options);
	tool.run.show_source = options.source.family != RP_FAMILY_NONE || options.interface != NULL;
	tool.run.numeric = options.numeric;
	struct rp_target target = rp_targets_at(tool.targets, 0);
	char name[NAME_SIZE];
	tool.run.reverse_name = reverse_name(&target, options.numeric, name, sizeof name);
	tool.run.quiet = options.quiet;
	tool.run.flood = options.flood;
	tool.run.breakdown = options.breakdown;
	tool.run.percentiles = options.percentiles;
	tool.promised = options.clock == RPING_CLOCK_AUTO ? RP_CLOCK_KERNEL : tool.config.clock;
	tool.run.verbose = options.verbose;
	tool.run.timestamps = options.timestamps;
	static const char *const outputs[] = {
		[RPING_FORMAT_TEXT] = "ping", [RPING_FORMAT_JSON] = "json", [RPING_FORMAT_CSV] = "csv"};
	tool_run(&tool, outputs[options.format]);

	int code = exit_code(&tool);
	tool_close(&tool);
	free(operands);
	return code;
}
