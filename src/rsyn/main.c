/* SPDX-License-Identifier: MIT */
/*
 * rsyn: finds the state of TCP ports by SYN. From the options to a config, and from the ports' states to
 * the exit code: 0 every asked port open, 1 not, 2 usage, name or system error.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/die.h"
#include "rsyn/opts.h"
#include "rsyn/outputs.h"
#include "tool/tool.h"

#define EXIT_NOT_OPEN 1

/* Which of the ports were seen open. */
struct tally {
	const struct rp_ports *ports;
	uint32_t port_count;
	uint64_t wanted;
	uint64_t open;
	bool *seen; /* target x port_count + index of the port */
};

static void tally_init(struct tally *tally, const struct tool *tool)
{
	tally->ports = tool->config.ports;
	tally->port_count = rp_ports_count(tally->ports);
	tally->wanted = (uint64_t)rp_targets_count(tool->targets) * tally->port_count;
	tally->seen = calloc(tally->wanted, sizeof *tally->seen);
	if (tally->seen == NULL)
		die(rsyn_tool.name, "out of memory for %llu ports", (unsigned long long)tally->wanted);
}

static uint32_t tally_port(const struct tally *tally, uint16_t port)
{
	uint32_t low = 0, high = tally->port_count - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (rp_ports_at(tally->ports, middle) < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void tally_event(void *user, const struct rp_event *event)
{
	struct tally *tally = user;
	bool answer = event->kind == RP_EVENT_PORT || event->kind == RP_EVENT_REPLY;

	if (!answer || event->state != RP_STATE_OPEN)
		return;
	bool *seen = &tally->seen[(size_t)event->target * tally->port_count + tally_port(tally, event->port)];
	tally->open += !*seen;
	*seen = true;
}

static void config_fill(struct rp_config *config, const struct rsyn_options *options)
{
	rp_config_init(config, RP_PROBE_TCP_SYN);
	config->plan = options->count > 0 ? RP_PLAN_PING : RP_PLAN_SCAN;
	config->count = (uint64_t)options->count;
	config->interval = options->interval;
	if (options->timeout != RSYN_TIMEOUT_AUTO)
		config->timeout = options->timeout > 0 ? options->timeout : INT64_MAX;
	if (options->deadline > 0)
		config->deadline = options->deadline;
	config->max_retries = (unsigned)options->max_retries;
	config->initial_rtt_timeout = options->initial_rtt_timeout;
	config->min_rtt_timeout = options->min_rtt_timeout;
	config->max_rtt_timeout = options->max_rtt_timeout;
	config->max_rate = (uint32_t)options->max_rate;
	config->source_port = (uint16_t)options->source_port;
	config->source = options->source;
	config->interface = options->interface;
	config->time_to_live = (uint8_t)options->time_to_live;
	config->type_of_service = (uint8_t)options->type_of_service;
}

static struct rp_ports *ports_make(const struct rsyn_options *options)
{
	int64_t top = options->fast ? 100 : options->top_ports;
	struct rp_ports *ports = NULL;
	struct rp_error why = {""};

	if ((options->ports != NULL) + options->fast + (options->top_ports > 0) > 1)
		die(rsyn_tool.name, "-p, -F and --top-ports exclude each other: choose one of them");
	if (options->ports == NULL && top == 0)
		die(rsyn_tool.name, "which ports? name them with -p, as in: rsyn -p 22,80,443 HOST");
	if (options->ports != NULL && rp_ports_parse(&ports, options->ports, &why) < 0)
		die(rsyn_tool.name, "-p %s: %s", options->ports, why.text);
	if (top > 0 && rp_ports_top(&ports, (uint32_t)top, &why) < 0)
		die(rsyn_tool.name, "--top-ports: %s", why.text);
	if (options->exclude_ports == NULL)
		return ports;
	if (rp_ports_exclude(ports, options->exclude_ports, &why) < 0)
		die(rsyn_tool.name, "--exclude-ports %s: %s", options->exclude_ports, why.text);
	if (rp_ports_count(ports) == 0)
		die(rsyn_tool.name, "--exclude-ports %s: no port is left", options->exclude_ports);
	return ports;
}

int main(int argc, char **argv)
{
	struct tool tool;
	struct tally tally = {0};
	struct rsyn_options options = {0};
	struct rp_ports *ports = NULL;
	const char **operands;
	int count = 0;

	tool_open(&tool, &rsyn_tool, RP_SOCKETS_ICMP | RP_SOCKETS_TCP);
	operands = calloc((size_t)argc + 1, sizeof *operands);
	if (operands == NULL)
		die(rsyn_tool.name, "out of memory");
	tool_parse(&tool, argc, argv, &options, operands, &count);
	ports = ports_make(&options);
	if (count == 0 && options.input_list == NULL)
		die(rsyn_tool.name, "usage error: Destination address required (rsyn --help lists the options)");
	for (int i = 0; i < count; i++)
		tool_add_target(&tool, operands[i]);
	if (options.input_list != NULL)
		tool_add_list(&tool, options.input_list);
	if (rp_targets_count(tool.targets) == 0)
		die(rsyn_tool.name, "%s: no targets in it", options.input_list);

	config_fill(&tool.config, &options);
	tool.config.ports = ports;
	tool.run.numeric = options.numeric;
	tool.run.quiet = options.quiet;
	tool.run.verbose = options.verbose;
	tool.run.hexdump = options.hexdump;
	tool.run.decode = options.decode;
	tool.config.show_sent = options.hexdump || options.decode;
	tool.run.only_open = options.open_only;
	tally_init(&tally, &tool);
	tool.event = tally_event;
	tool.event_user = &tally;
	tool.config.targets = tool.targets;
	tool_run(&tool, outputs_add(&tool, &options));

	int code = tally.open == tally.wanted ? EXIT_SUCCESS : EXIT_NOT_OPEN;
	free(tally.seen);
	tool_close(&tool);
	rp_ports_free(ports);
	free(operands);
	return code;
}
