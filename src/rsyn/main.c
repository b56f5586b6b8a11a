/* SPDX-License-Identifier: MIT */
/*
 * rsyn: finds the state of TCP ports by SYN. From the options to a config, and from the ports' states to
 * the exit code: 0 every asked port open, 1 not, 2 usage, name or system error.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "app/die.h"
#include "app/stream.h"
#include "rsyn/command.h"
#include "rsyn/goal.h"
#include "rsyn/opts.h"
#include "rsyn/targets.h"
#include "app/names.h"
#include "app/app.h"

#define EXIT_NOT_REACHED 1

static void keep(int64_t *field, int64_t given)
{
	if (given != RSYN_AUTO)
		*field = given;
}

/* The template, then what was asked for besides. */
static void config_timing(struct rp_config *config, const struct rsyn_options *options)
{
	const struct rp_config given = *config;

	rp_config_timing(config, (unsigned)options->timing);
	keep(&config->initial_rtt_timeout, given.initial_rtt_timeout);
	keep(&config->min_rtt_timeout, given.min_rtt_timeout);
	keep(&config->max_rtt_timeout, given.max_rtt_timeout);
	keep(&config->host_timeout, given.host_timeout);
	keep(&config->scan_delay, given.scan_delay);
	if (options->max_retries != RSYN_AUTO)
		config->max_retries = (unsigned)options->max_retries;
	if (options->per_target != RSYN_AUTO)
		config->per_target = (uint32_t)options->per_target;
	if (config->min_rtt_timeout > config->max_rtt_timeout)
		die(rsyn_tool.name,
		    "--min-rtt-timeout is above --max-rtt-timeout, which -T sets where it is not given");
}

/* What would be left out in silence is refused: what a scan has not, and a rate below another above it. */
static void check_options(const struct rsyn_options *options)
{
	const struct app_options *common = &options->common;
	const struct {
		bool given;
		const char *name;
	} series[] = {
		{common->require.text != NULL, "--require"},
		{common->ping.breakdown, "--breakdown"},
		{common->ping.percentiles, "--percentiles"},
		{common->ping.outages, "--outages"},
		{common->ping.changes, "--changes"},
		{common->report_outstanding, "-O"},
		{common->run.timestamps > 0, "--timestamps (-D)"},
		{common->resolve_every > 0, "--resolve-every"},
		{common->config.interval != NS_PER_S, "-i"},
		{options->common.timeout != APP_TIMEOUT_AUTO, "-W"},
	};

	for (size_t i = 0; !rsyn_is_series(options) && i < sizeof series / sizeof series[0]; i++)
		if (series[i].given)
			die(rsyn_tool.name, "%s is for a series: say with -c how many probes each port gets",
			    series[i].name);
	if (rsyn_is_series(options) && options->common.run.only_open)
		die(rsyn_tool.name, "--open is for a scan: a series (-c) reports each probe, with -q only the end");
	if (options->max_rate > 0 && options->min_rate > options->max_rate)
		die(rsyn_tool.name, "--min-rate is above --max-rate: leave one of them out, or raise --max-rate");
}

/* What the tables do not store by themselves. */
static void config_fill(struct rp_config *config, const struct rsyn_options *options)
{
	config->plan = rsyn_is_series(options) ? RP_PLAN_SERIES : RP_PLAN_SCAN;
	config_timing(config, options);
	config->timed_rate = config->plan == RP_PLAN_SCAN ? APP_TIMED_RATE : 0;
	config->max_rate = (uint32_t)options->max_rate;
	config->min_rate = (uint32_t)options->min_rate;
	config->source_port = (uint16_t)options->source_port;
	config->time_to_live = (uint8_t)options->time_to_live;
	config->payload_length = (uint16_t)options->data_length;
	config->window = (int32_t)options->window;
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
			die(rsyn_tool.name, "%s", app_sentence(&text));
		if (i > 0 && !ports && command == NULL && strpbrk(operands[i], ":/,") == NULL)
			die(rsyn_tool.name,
			    "'%s' has no ports: name them with -p, or as HOST:PORT; a COMMAND follows --", operands[i]);
		if (is_path(operands[i]))
			die(rsyn_tool.name, "'%s' is a path and no target%s", operands[i],
			    command == NULL ? ": a COMMAND follows --, as in: rsyn TARGET:PORT -- COMMAND" : "");
	}
	strbuf_fini(&text);
}

/* Before any file is made. */
static void refuse_series(const struct rsyn_options *options)
{
	bool scans = options->all_files != NULL || options->common.format == APP_FORMAT_XML ||
		     options->common.format == APP_FORMAT_GREPPABLE;

	for (unsigned i = 0; i < options->common.file_count; i++)
		scans |= options->common.files[i].format == APP_FORMAT_XML ||
			 options->common.files[i].format == APP_FORMAT_GREPPABLE;
	if (rsyn_is_series(options) && scans)
		die(rsyn_tool.name,
		    "XML and greppable are formats of scans; a series (-c) can be had as JSON (-oJ) and CSV (-oC)");
}

static void add_all(struct app *app, const struct rsyn_options *options)
{
	static const struct {
		const char *ending;
		enum app_format format;
	} files[] = {
		{"nmap", APP_FORMAT_TEXT},
		{"xml", APP_FORMAT_XML},
		{"gnmap", APP_FORMAT_GREPPABLE},
		{"jsonl", APP_FORMAT_JSON},
	};
	struct strbuf path;

	if (strcmp(options->all_files, "-") == 0)
		die(rsyn_tool.name, "-oA needs the beginning of file names: standard output takes only one format");
	strbuf_init(&path);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		strbuf_clear(&path);
		strbuf_addf(&path, "%s.%s", options->all_files, files[i].ending);
		if (path.failed)
			die(rsyn_tool.name, "out of memory");
		app_add_output(app, files[i].format, path.text);
	}
	strbuf_fini(&path);
}

static void add_outputs(struct app *app, const struct rsyn_options *options)
{
	refuse_series(options);
	app->progress_hidden = options->common.run.quiet;
	app->scanner = options->xml_scanner ? "nmap" : NULL;
	app->colored = options->color == RSYN_COLOR_ALWAYS ||
		       (options->color == RSYN_COLOR_AUTO && stream_has_colors(STDOUT_FILENO));
	if (options->all_files != NULL)
		add_all(app, options);
	app_take_outputs(app, &options->common);
}

int main(int argc, char **argv)
{
	struct app app;
	struct goal goal = {0};
	struct targets targets;
	struct rsyn_options options = {0};
	const char **operands;
	int count = 0;

	char **command = command_cut(&argc, argv);
	pid_t waiting = command != NULL ? command_follow(rsyn_tool.name, command) : 0;
	app_open(&app, &rsyn_tool, RP_SOCKETS_ICMP | RP_SOCKETS_TCP);
	if (command != NULL)
		command_tie(waiting);
	operands = calloc((size_t)argc + 1, sizeof *operands);
	if (operands == NULL)
		die(rsyn_tool.name, "out of memory");
	rp_config_init(&options.common.config, sizeof options.common.config, RP_PROBE_TCP_SYN);
	app_parse(&app, argc, argv, &options, operands, &count);
	const char *contradiction = goal_read(&goal, &options);
	if (contradiction != NULL)
		die(rsyn_tool.name, "%s", contradiction);

	check_options(&options);
	check_operands(&options, argv, operands, count, command != NULL ? command[0] : NULL);
	config_fill(&options.common.config, &options);
	app_take_options(&app, &options.common);
	targets_read(&targets, &app, &goal, &options, operands, count);
	goal_fill(&goal, &app.config);
	if (options.common.resolve_every > 0)
		names_follow(&app, options.common.resolve_every);
	if (goal_watch(&goal, &app.config) < 0)
		die(rsyn_tool.name, "out of memory");
	targets_count(&targets);
	if (app.ports_asked == 0)
		die(rsyn_tool.name, "every target is excluded");
	app.event = goal_event;
	app.event_user = &goal;
	add_outputs(&app, &options);
	app_run(&app);

	bool reached = goal_reached(&goal);
	if (!reached && goal.wait >= 0) {
		goal_explain(&goal, &app.text);
		warn(rsyn_tool.name, "%s", app_sentence(&app.text));
		strbuf_clear(&app.text);
	}
	if (options.common.require.text != NULL)
		reached = app_judge(&app);
	/* One is enough, or all are needed: those that could not be probed, too. */
	int code = reached && (goal.any || targets.bad == 0) ? EXIT_SUCCESS : EXIT_NOT_REACHED;
	if (options.strict_targets && targets.bad > 0)
		code = EXIT_USAGE;
	if (code == EXIT_SUCCESS && command != NULL)
		code = COMMAND_DUE;
	goal_free(&goal);
	app_close(&app);
	targets_free(&targets);
	strbuf_fini(&options.common.require);
	free(operands);
	return code;
}
