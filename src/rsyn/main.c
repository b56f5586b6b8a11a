/* SPDX-License-Identifier: MIT */
/*
 * rsyn: finds the state of TCP ports by SYN. From the options to a config, and from the ports' states to
 * the exit code: 0 every asked port open, 1 not, 2 usage, name or system error.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ns.h"
#include "cli/die.h"
#include "rsyn/await.h"
#include "rsyn/command.h"
#include "rsyn/goal.h"
#include "rsyn/opts.h"
#include "rsyn/outputs.h"
#include "rsyn/pairs.h"
#include "tool/names.h"
#include "tool/tool.h"

#define EXIT_NOT_REACHED 1

/* The template, then what was asked for besides. */
static void config_timing(struct rp_config *config, const struct rsyn_options *options)
{
	rp_config_timing(config, (unsigned)options->timing);
	if (options->max_retries != RSYN_AUTO)
		config->max_retries = (unsigned)options->max_retries;
	if (options->initial_rtt_timeout != RSYN_AUTO)
		config->initial_rtt_timeout = options->initial_rtt_timeout;
	if (options->min_rtt_timeout != RSYN_AUTO)
		config->min_rtt_timeout = options->min_rtt_timeout;
	if (options->max_rtt_timeout != RSYN_AUTO)
		config->max_rtt_timeout = options->max_rtt_timeout;
	if (config->min_rtt_timeout > config->max_rtt_timeout)
		die(rsyn_tool.name,
		    "--min-rtt-timeout is above --max-rtt-timeout, which -T sets where it is not given");
	if (options->host_timeout != RSYN_AUTO)
		config->host_timeout = options->host_timeout;
	if (options->scan_delay != RSYN_AUTO)
		config->scan_delay = options->scan_delay;
	if (options->per_target != RSYN_AUTO)
		config->per_target = (uint32_t)options->per_target;
}

/* What would be left out in silence is refused: what a scan has not, and a rate below another above it. */
static void check_options(const struct rsyn_options *options)
{
	const struct tool_options *common = &options->common;
	const struct {
		bool given;
		const char *name;
	} series[] = {
		{common->require.text != NULL, "--require"},
		{common->breakdown, "--breakdown"},
		{common->percentiles, "--percentiles"},
		{common->outages, "--outages"},
		{common->changes, "--changes"},
		{common->report_outstanding, "-O"},
		{common->timestamps > 0, "--timestamps (-D)"},
		{common->resolve_every > 0, "--resolve-every"},
		{options->interval != NS_PER_S, "-i"},
		{options->common.timeout != TOOL_TIMEOUT_AUTO, "-W"},
	};

	for (size_t i = 0; !rsyn_is_series(options) && i < sizeof series / sizeof series[0]; i++)
		if (series[i].given)
			die(rsyn_tool.name, "%s is for a series: say with -c how many probes each port gets",
			    series[i].name);
	if (rsyn_is_series(options) && options->open_only)
		die(rsyn_tool.name, "--open is for a scan: a series (-c) tells of each probe, -q only of the end");
	if (options->max_rate > 0 && options->min_rate > options->max_rate)
		die(rsyn_tool.name, "--min-rate is above --max-rate: leave one of them out, or raise --max-rate");
}

static void config_fill(struct rp_config *config, const struct rsyn_options *options)
{
	rp_config_init(config, RP_PROBE_TCP_SYN);
	config->plan = rsyn_is_series(options) ? RP_PLAN_PING : RP_PLAN_SCAN;
	config->interval = options->interval;
	config_timing(config, options);
	config->timed_rate = config->plan == RP_PLAN_SCAN ? TOOL_TIMED_RATE : 0;
	config->max_rate = (uint32_t)options->max_rate;
	config->min_rate = (uint32_t)options->min_rate;
	config->source_port = (uint16_t)options->source_port;
	config->time_to_live = (uint8_t)options->time_to_live;
	config->path_mtu = (enum rp_path_mtu)options->path_mtu;
	config->payload_length = (uint16_t)options->data_length;
	config->syn_options = (enum rp_syn_options)options->syn_options;
	config->window = (int32_t)options->window;
	config->ecn = options->ecn;
	config->wrong_checksum = options->badsum;
}

/* Those of who has none of its own; NULL: none. */
static struct rp_ports *ports_make(const struct rsyn_options *options)
{
	int64_t top = options->fast ? 100 : options->top_ports;
	struct rp_ports *ports = NULL;
	struct rp_error why = {""};

	if ((options->ports != NULL) + options->fast + (options->top_ports > 0) > 1)
		die(rsyn_tool.name, "-p, -F and --top-ports exclude each other: choose one of them");
	if (options->exclude_ports != NULL && rp_ports_parse(&ports, options->exclude_ports, &why) < 0)
		die(rsyn_tool.name, "--exclude-ports %s: %s", options->exclude_ports, why.text);
	rp_ports_free(ports);
	ports = NULL;
	if (options->ports == NULL && top == 0)
		return NULL;
	if (options->ports != NULL && rp_ports_parse(&ports, options->ports, &why) < 0)
		die(rsyn_tool.name, "-p %s: %s", options->ports, why.text);
	if (top > 0 && rp_ports_top(&ports, (uint32_t)top, &why) < 0)
		die(rsyn_tool.name, "--top-ports: %s", why.text);
	if (options->exclude_ports != NULL)
		rp_ports_exclude(ports, options->exclude_ports, NULL);
	return ports;
}

/* Before the run, by the system's resolver. Names that are not known yet are waited for as ports are; with --any the known
 * ones will do. */
static void resolve(struct tool *tool, struct pairs *pairs, const struct goal *goal)
{
	const struct timespec pause = {.tv_nsec = 500000000};
	struct rp_error why = {""};

	while (pairs_resolve(pairs, 0, pairs->host_count, tool->targets, &why) < 0) {
		if (goal->wait < 0)
			die(rsyn_tool.name, "%s", why.text);
		if (goal->any && rp_targets_count(tool->targets) > 0)
			return;
		if (goal->wait == 0) {
			if (!tool->run.quiet)
				warn(rsyn_tool.name, "%s", why.text);
			exit(EXIT_NOT_REACHED);
		}
		nanosleep(&pause, NULL);
	}
}

/* Who waits for ports waits for names meanwhile, where that is possible. */
static void find_targets(struct tool *tool, struct pairs *pairs, struct goal *goal, struct await *await)
{
	struct names_guard guard;

	names_guard(&guard, tool, tool->run.quiet || pairs->host_count == 0 ? NULL : pairs->hosts[0]->text,
		    goal->wait > 0 ? goal->wait : INT64_MAX, goal->wait < 0 ? EXIT_USAGE : EXIT_NOT_REACHED);
	if (goal->wait <= 0 || await_names(await, tool, pairs) < 0)
		resolve(tool, pairs, goal);
	int64_t passed = names_unguard(&guard);
	if (goal->wait > 0)
		goal->wait = goal->wait > passed ? goal->wait - passed : 1;
}

static void read_exclusions(struct pairs *pairs, const struct rsyn_options *options)
{
	struct words words = {0};
	struct rp_error why = {""};

	if (options->exclude != NULL)
		words_split(&words, rsyn_tool.name, options->exclude);
	if (options->exclude_file != NULL)
		words_read(&words, rsyn_tool.name, options->exclude_file);
	if (words.count > 0 && pairs_exclude(pairs, (const char *const *)words.list, words.count, &why) < 0)
		die(rsyn_tool.name, "excluded targets: %s", why.text);
	words_fini(&words);
}

/* How many ports a list names again. */
static uint64_t ports_repeated(const char *text, const struct rp_ports *ports)
{
	char *list = strdup(text), *rest = list;
	uint64_t named = 0;

	for (char *part; rest != NULL && (part = strtok_r(rest, ",", &rest)) != NULL;) {
		struct rp_ports *some = NULL;

		if (rp_ports_parse(&some, part, NULL) == 0)
			named += rp_ports_count(some);
		rp_ports_free(some);
	}
	free(list);
	return named > rp_ports_count(ports) ? named - rp_ports_count(ports) : 0;
}

/* Nothing is probed twice, whatever is named twice. */
static void tell_repeated(uint64_t count, const char *one, const char *several)
{
	if (count > 0)
		warn(rsyn_tool.name, "%" PRIu64 " %s named more than once: probed once", count,
		     count == 1 ? one : several);
}

/* A long list of hosts alone needs nothing kept of each. */
static bool is_plain(const struct pairs *pairs, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (strchr(words->list[i], ':') != NULL)
			return false;
	return !pairs->any_own;
}

/* Who waits for names waits for those of a list, too. */
static void find_all_targets(struct tool *tool, struct pairs *pairs, struct goal *goal, struct await *await,
			     const char *list)
{
	struct words words = {0};
	struct rp_error why = {""};
	int result = 0;

	if (list != NULL)
		words_read(&words, rsyn_tool.name, list);
	bool plain = goal->wait < 0 && is_plain(pairs, &words);
	for (size_t i = 0; i < words.count && result == 0; i++)
		result = plain ? pairs_check_plain(pairs, words.list[i], &why) : pairs_add(pairs, words.list[i], &why);
	if (result < 0)
		die(rsyn_tool.name, "%s: %s", list, why.text);
	find_targets(tool, pairs, goal, await);
	if (list != NULL && plain)
		tool_add_list(tool, list, &words);
	if (rp_targets_count(tool->targets) == 0)
		die(rsyn_tool.name, "%s: no targets in it", list);
	words_fini(&words);
}

/* Targets and ports, and which belong together. */
static void read_targets(struct tool *tool, struct pairs *pairs, struct goal *goal, struct await *await,
			 const struct rsyn_options *options, const char **operands, int count)
{
	struct rp_error why = {""};

	pairs_init(pairs, ports_make(options), options->exclude_ports);
	for (int i = 0; i < count; i++)
		if (pairs_add(pairs, operands[i], &why) < 0)
			die(rsyn_tool.name, "%s", why.text);
	if (count == 0 && options->input_list == NULL && pairs->general == NULL)
		die(rsyn_tool.name, "which ports? name them with -p, as in: rsyn -p 22,80,443 HOST");
	if (count == 0 && options->input_list == NULL)
		die(rsyn_tool.name, "usage error: Destination address required (rsyn --help lists the options)");
	read_exclusions(pairs, options);
	find_all_targets(tool, pairs, goal, await, options->input_list);
	if (pairs_assign(pairs, tool->targets) < 0)
		die(rsyn_tool.name, "out of memory");
	if (rp_ports_count(pairs->all) == 0)
		die(rsyn_tool.name, "--exclude-ports %s: no port is left", options->exclude_ports);
	if (options->common.verbose && options->ports != NULL && !pairs->any_own && options->exclude_ports == NULL)
		tell_repeated(ports_repeated(options->ports, pairs->all), "port is", "ports are");
	if (options->common.verbose)
		tell_repeated(pairs_repeated(pairs, tool->targets), "address is", "addresses are");
	tool->config.targets = tool->targets;
	tool->config.ports = pairs->all;
	tool->config.ports_of = pairs->ports_of;
}

/* A path is no target, and where no COMMAND follows it was meant for one. */
static bool is_path(const char *operand)
{
	const char *slash = strchr(operand, '/');
	bool network = operand[strspn(operand, "0123456789.-,*")] == '/' && slash != operand && *operand != '.';

	return slash != NULL && !network && strstr(operand, "://") == NULL &&
	       slash[1 + strspn(slash + 1, "0123456789")] != '\0';
}

/* What was meant otherwise is said before any name is looked up. */
static void check_operands(const struct rsyn_options *options, char **argv, const char **operands, int count,
			   const char *command)
{
	bool ports = options->ports != NULL || options->fast || options->top_ports > 0;
	struct strbuf text;

	strbuf_init(&text);
	for (int i = 0; i < count; i++) {
		if (opt_explain_operand(&rsyn_tool, argv, operands[i], &text))
			die(rsyn_tool.name, "%s", tool_sentence(&text));
		if (i > 0 && !ports && command == NULL && strpbrk(operands[i], ":/,") == NULL)
			die(rsyn_tool.name,
			    "'%s' has no ports: name them with -p, or as HOST:PORT; a COMMAND follows --", operands[i]);
		if (is_path(operands[i]))
			die(rsyn_tool.name, "'%s' is a path and no target%s", operands[i],
			    command == NULL ? ": a COMMAND follows --, as in: rsyn TARGET:PORT -- COMMAND" : "");
	}
	strbuf_fini(&text);
}

int main(int argc, char **argv)
{
	struct tool tool;
	struct goal goal = {0};
	struct pairs pairs = {0};
	struct await await = {0};
	struct rsyn_options options = {0};
	const char **operands;
	int count = 0;

	char **command = command_cut(&argc, argv);
	pid_t waiting = command != NULL ? command_follow(rsyn_tool.name, command) : 0;
	tool_open(&tool, &rsyn_tool, RP_SOCKETS_ICMP | RP_SOCKETS_TCP);
	if (command != NULL)
		command_tie(waiting);
	operands = calloc((size_t)argc + 1, sizeof *operands);
	if (operands == NULL)
		die(rsyn_tool.name, "out of memory");
	tool_parse(&tool, argc, argv, &options, operands, &count);
	const char *contradiction = goal_read(&goal, &options);
	if (contradiction != NULL)
		die(rsyn_tool.name, "%s", contradiction);

	check_options(&options);
	check_operands(&options, argv, operands, count, command != NULL ? command[0] : NULL);
	config_fill(&tool.config, &options);
	tool_take_options(&tool, &options.common);
	read_targets(&tool, &pairs, &goal, &await, &options, operands, count);
	goal_fill(&goal, &tool.config);
	if (options.common.resolve_every > 0)
		names_follow(&tool, options.common.resolve_every);
	tool.run.only_open = options.open_only;
	if (goal_watch(&goal, &tool.config) < 0)
		die(rsyn_tool.name, "out of memory");
	if (goal.asked == 0)
		die(rsyn_tool.name, "every target is excluded");
	tool.ports_asked = goal.asked;
	tool.hosts_asked = goal.hosts;
	tool.event = goal_event;
	tool.event_user = &goal;
	const char *format = outputs_add(&tool, &options);
	tool_run(&tool, format);

	bool reached = goal_reached(&goal);
	if (!reached && goal.wait >= 0) {
		goal_explain(&goal, &tool.text);
		warn(rsyn_tool.name, "%s", tool_sentence(&tool.text));
		strbuf_clear(&tool.text);
	}
	if (options.common.require.text != NULL)
		reached = tool_judge(&tool, format);
	int code = reached ? EXIT_SUCCESS : EXIT_NOT_REACHED;
	if (code == EXIT_SUCCESS && command != NULL)
		code = COMMAND_DUE;
	goal_free(&goal);
	tool_close(&tool);
	await_free(&await);
	pairs_free(&pairs);
	strbuf_fini(&options.common.require);
	free(operands);
	return code;
}
