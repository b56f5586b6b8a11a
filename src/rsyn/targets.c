/* SPDX-License-Identifier: MIT */
/*
 * From operands, lists and exclusions to targets and their ports. One bad name or line is reported with its place and
 * stops no other: it stands in the outputs as what could not be probed. Who waits for ports waits for names meanwhile.
 */
#include "rsyn/targets.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/die.h"
#include "rsyn/command.h"
#include "rsyn/exclude.h"
#include "app/interim.h"
#include "app/names.h"
#include "app/listfile.h"
#include "app/signals.h"

#define EXIT_NOT_REACHED 1

/* Those of who has none of its own; NULL: out of memory. */
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
		rp_ports_join(&ports, NULL, 0);
	if (options->ports != NULL && rp_ports_parse(&ports, options->ports, &why) < 0)
		die(rsyn_tool.name, "-p %s: %s", options->ports, why.text);
	if (top > 0 && rp_ports_top(&ports, (uint32_t)top, &why) < 0)
		die(rsyn_tool.name, "--top-ports: %s", why.text);
	if (options->exclude_ports != NULL && ports != NULL)
		rp_ports_exclude(ports, options->exclude_ports, NULL);
	return ports;
}

/* ---- reports ---------------------------------------------------------------------------------- */

/* What is waited for can never come where it is a mistake. */
static void report_bad(void *user, const struct named *host, const char *why)
{
	struct targets *all = user;
	char place[512] = "";

	if (host->file != NULL)
		snprintf(place, sizeof place, "%s, line %" PRIu32 ": ", host->file, host->line);
	warn(rsyn_tool.name, "%s%s%s", place, why, host->file == NULL ? command_hint(host->text) : "");
	if (all->goal->wait > 0 && host->bad == RP_REASON_BAD_TARGET)
		exit(EXIT_USAGE);
	all->bad++;
}

static void report_others(void *user, const struct rp_found *found)
{
	const struct targets *all = user;

	if (!all->app->run.quiet)
		names_report_others(all->app, found);
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
static void report_repeated(uint64_t count, const char *one, const char *several)
{
	if (count > 0)
		warn(rsyn_tool.name, "%" PRIu64 " %s named more than once: probed once", count,
		     count == 1 ? one : several);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static void die_if(const struct targets *all, int result)
{
	if (result < 0)
		app_die(all->app, result, NULL);
}

static void read_exclusions(struct targets *all, const struct rsyn_options *options)
{
	struct listfile words = {0}, listed = {0};

	if (options->exclude != NULL)
		listfile_split(&words, rsyn_tool.name, options->exclude);
	if (words.count > 0)
		exclude_words(&all->excluded, NULL, &words);
	if (options->exclude_file != NULL)
		listfile_read(&listed, rsyn_tool.name, "--excludefile", options->exclude_file);
	if (listed.count > 0)
		exclude_words(&all->excluded, options->exclude_file, &listed);
	all->app->excluded = all->excluded;
	rp_targets_exclude(all->app->targets, all->excluded);
	listfile_fini(&words);
	listfile_fini(&listed);
}

static void read_list(struct targets *all, const char *path)
{
	struct listfile words = {0};

	listfile_read(&words, rsyn_tool.name, "-iL", path);
	for (size_t i = 0; i < words.count; i++)
		die_if(all, named_add(&all->hosts, words.list[i].text, path, words.list[i].line));
	if (words.count == 0 && rp_targets_count(all->app->targets) == 0 && all->hosts.count == 0)
		die(rsyn_tool.name, "%s: no targets in it", path);
	listfile_fini(&words);
}

/* By the system's resolver, before the run. Who waits for ports waits for names, too; with --any the known ones will
 * do. */
static void look_up(struct targets *all)
{
	const struct timespec pause = {.tv_nsec = 500000000};
	struct app *app = all->app;
	int left;

	while ((left = named_look_up(&all->hosts)) > 0 && all->goal->wait > 0 &&
	       !(all->goal->any && rp_targets_count(app->targets) > 0))
		nanosleep(&pause, NULL);
	die_if(all, left);
}

static const char *first_name(const struct named_hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (hosts->list[i]->bad == RP_REASON_NONE)
			return hosts->list[i]->text;
	return NULL;
}

/* One name with nothing else to probe, and what has to be waited for: the process ends where none comes in time. */
static void look_up_alone(struct targets *all)
{
	struct goal *goal = all->goal;
	struct names_guard guard;

	if (first_name(&all->hosts) != NULL)
		interim_prepare();
	names_guard(&guard, all->app, first_name(&all->hosts), goal->wait > 0 ? goal->wait : INT64_MAX,
		    goal->wait < 0 ? EXIT_USAGE : EXIT_NOT_REACHED);
	if (goal->wait > 0)
		await_names(&all->await, all->app, &all->hosts); /* or none of them, where that cannot be done */
	look_up(all);
	int64_t passed = names_unguard(&guard);
	if (goal->wait > 0)
		goal->wait = goal->wait > passed ? goal->wait - passed : 1;
}

static void find_targets(struct targets *all)
{
	struct app *app = all->app;
	size_t names = 0;

	for (size_t i = 0; i < all->hosts.count; i++)
		names += all->hosts.list[i]->bad == RP_REASON_NONE;
	if (all->goal->wait > 0 || names == 0 || names + rp_targets_count(app->targets) == 1) {
		look_up_alone(all);
	} else {
		all->hosts.reporter.look_up = names_look_up;
		all->hosts.reporter.look_up_user = app;
		look_up(all);
	}
	uint32_t good = rp_targets_count(app->targets);
	die_if(all, named_add_bad(&all->hosts));
	if (good == 0 && app->interrupted)
		signals_end_by(app->ended_by != 0 ? app->ended_by : SIGINT);
	if (good == 0)
		exit(all->goal->wait < 0 ? EXIT_USAGE : EXIT_NOT_REACHED); /* each was reported */
}

static void report_all_repeated(const struct targets *all, const struct rsyn_options *options)
{
	if (options->ports != NULL && !all->hosts.any_own && options->exclude_ports == NULL)
		report_repeated(ports_repeated(options->ports, all->hosts.general), "port is", "ports are");
	report_repeated(named_repeated(&all->hosts), "address is", "addresses are");
}

void targets_read(struct targets *all, struct app *app, struct goal *goal, const struct rsyn_options *options,
		  const char **operands, int count)
{
	struct named_hosts *hosts = &all->hosts;
	struct rp_ports *general = ports_make(options);

	*all = (struct targets){.app = app, .goal = goal};
	die_if(all, general == NULL ? -ENOMEM : rp_targets_set_ports(app->targets, general));
	rp_ports_free(general);
	*hosts = (struct named_hosts){
		.targets = app->targets,
		.reporter = {.bad = report_bad, .others = report_others, .user = all},
		.general = rp_targets_current_ports(app->targets),
		.without = options->exclude_ports,
		.portless = options->ports == NULL && !options->fast && options->top_ports == 0,
		.all_addresses = options->all_addresses,
		.apart = options->common.resolve_every > 0,
	};
	if (options->all_addresses && (goal->wait > 0 || hosts->apart))
		die(rsyn_tool.name, "--all-addresses is for names that are known from the start on: leave out %s",
		    hosts->apart ? "--resolve-every" : "--wait-open and --wait-closed, or name the addresses");
	if (count == 0 && options->input_list == NULL && hosts->portless)
		die(rsyn_tool.name, "which ports? name them with -p, as in: rsyn -p 22,80,443 HOST");
	if (count == 0 && options->input_list == NULL)
		die(rsyn_tool.name, "usage error: Destination address required (rsyn --help lists the options)");
	read_exclusions(all, options);
	for (int i = 0; i < count; i++)
		die_if(all, named_add(hosts, operands[i], NULL, 0));
	if (options->input_list != NULL)
		read_list(all, options->input_list);
	find_targets(all);
	const struct rp_ports *left = rp_targets_all_ports(app->targets);
	if (left == NULL)
		app_die(app, -ENOMEM, NULL);
	if (rp_ports_count(left) == 0)
		die(rsyn_tool.name, "--exclude-ports %s: no port is left", options->exclude_ports);
	if (options->common.run.verbose)
		report_all_repeated(all, options);
	app->config.targets = app->targets;
}

void targets_count(const struct targets *all)
{
	struct app *app = all->app;
	uint32_t count = rp_targets_count(app->targets);

	app->ports_asked = app->hosts_asked = 0;
	for (uint32_t target = 0; target < count; target++) {
		uint32_t ports = rp_ports_count(rp_grid_ports(rp_targets_probed(app->targets), target));

		app->hosts_asked += ports > 0;
		app->ports_asked += ports;
	}
}

void targets_free(struct targets *all)
{
	await_free(&all->await);
	named_free(&all->hosts);
	rp_targets_free(all->excluded);
}
