/* SPDX-License-Identifier: MIT */
/*
 * From operands, lists and exclusions to targets and their ports. One bad name or line is reported with its place and stops no
 * other: it stands in the outputs as what could not be probed. Who waits for ports waits for names meanwhile.
 */
#include "rsyn/targets.h"

#include <errno.h>
#include <inttypes.h>
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

#define EXIT_NOT_REACHED 1

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

/* ---- telling ---------------------------------------------------------------------------------- */

/* What is waited for can never come where it is a mistake. */
static void tell_bad(void *user, const struct named *host, const char *why)
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

static void tell_others(void *user, const struct rp_found *found)
{
	const struct targets *all = user;

	if (!all->app->run.quiet)
		names_tell_others(all->app, found);
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
		exclude_words(&all->pairs.excluded, NULL, &words);
	if (options->exclude_file != NULL)
		listfile_read(&listed, rsyn_tool.name, "--excludefile", options->exclude_file);
	if (listed.count > 0)
		exclude_words(&all->pairs.excluded, options->exclude_file, &listed);
	all->app->excluded = all->pairs.excluded;
	listfile_fini(&words);
	listfile_fini(&listed);
}

/* A long list of addresses alone needs nothing kept of each. */
static bool is_plain(const struct pairs *pairs, const struct listfile *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (strchr(words->list[i].text, ':') != NULL)
			return false;
	return !pairs->any_own;
}

static void read_list(struct targets *all, const char *path)
{
	struct listfile words = {0};

	listfile_read(&words, rsyn_tool.name, "-iL", path);
	bool plain = is_plain(&all->pairs, &words);
	for (size_t i = 0; i < words.count; i++) {
		const struct listfile_entry *word = &words.list[i];
		bool added = plain && pairs_refuse_plain(&all->pairs, word->text) == NULL &&
			     rp_targets_add_numeric(all->app->targets, word->text, NULL) == 0;

		/* Names, and what is wrong. */
		if (!added)
			die_if(all, pairs_add(&all->pairs, word->text, path, word->line, &all->teller));
	}
	if (words.count == 0 && all->pairs.count == 0)
		die(rsyn_tool.name, "%s: no targets in it", path);
	listfile_fini(&words);
}

/* By the system's resolver, before the run. Who waits for ports waits for names, too; with --any the known ones will do. */
static void look_up(struct targets *all)
{
	const struct timespec pause = {.tv_nsec = 500000000};
	struct app *app = all->app;
	int left;

	while ((left = pairs_add_names(&all->pairs, app->targets, &all->teller)) > 0 && all->goal->wait > 0 &&
	       !(all->goal->any && rp_targets_count(app->targets) > 0))
		nanosleep(&pause, NULL);
	die_if(all, left);
}

static const char *first_name(const struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->host_count; i++)
		if (pairs->hosts[i]->name)
			return pairs->hosts[i]->text;
	return NULL;
}

static void find_targets(struct targets *all)
{
	struct goal *goal = all->goal;
	struct app *app = all->app;
	struct names_guard guard;

	die_if(all, pairs_add_numeric(&all->pairs, app->targets, &all->teller));
	if (first_name(&all->pairs) != NULL)
		interim_prepare();
	names_guard(&guard, app, first_name(&all->pairs), goal->wait > 0 ? goal->wait : INT64_MAX,
		    goal->wait < 0 ? EXIT_USAGE : EXIT_NOT_REACHED);
	if (goal->wait > 0)
		await_names(&all->await, app, &all->pairs); /* or none of them, where that cannot be done */
	look_up(all);
	int64_t passed = names_unguard(&guard);
	if (goal->wait > 0)
		goal->wait = goal->wait > passed ? goal->wait - passed : 1;
	uint32_t good = rp_targets_count(app->targets);
	die_if(all, pairs_add_bad(&all->pairs, app->targets, &all->teller));
	if (good == 0)
		exit(goal->wait < 0 ? EXIT_USAGE : EXIT_NOT_REACHED); /* each was reported */
}

static void tell_all_repeated(const struct targets *all, const struct rsyn_options *options)
{
	const struct pairs *pairs = &all->pairs;

	if (options->ports != NULL && !pairs->any_own && options->exclude_ports == NULL)
		tell_repeated(ports_repeated(options->ports, pairs->all), "port is", "ports are");
	tell_repeated(pairs_repeated(pairs, all->app->targets), "address is", "addresses are");
}

/* Where names share their probes, or some cannot be probed. */
static void fill_rows(struct targets *all)
{
	const struct pairs *pairs = &all->pairs;
	size_t count = 0;

	all->bad_rows = calloc(pairs->host_count, sizeof(*all->bad_rows));
	die_if(all, all->bad_rows == NULL ? -ENOMEM : 0);
	for (size_t i = 0; i < pairs->host_count; i++)
		if (pairs->hosts[i]->bad != RP_REASON_NONE)
			all->bad_rows[count++] = (struct bad_row){pairs->hosts[i]->first, pairs->hosts[i]->bad};
	all->app->rows.asked = pairs->asked;
	all->app->rows.merged = pairs->merged;
	all->app->rows.bad = all->bad_rows;
	all->app->rows.bad_count = count;
}

void targets_read(struct targets *all, struct app *app, struct goal *goal, const struct rsyn_options *options,
		  const char **operands, int count)
{
	struct pairs *pairs = &all->pairs;

	*all = (struct targets){.app = app, .goal = goal, .teller = {tell_bad, tell_others, all}};
	pairs_init(pairs, ports_make(options), options->exclude_ports);
	pairs->all_addresses = options->all_addresses;
	pairs->apart = options->common.resolve_every > 0;
	if (options->all_addresses && (goal->wait > 0 || pairs->apart))
		die(rsyn_tool.name, "--all-addresses is for names that are known from the start on: leave out %s",
		    pairs->apart ? "--resolve-every" : "--wait-open and --wait-closed, or name the addresses");
	if (count == 0 && options->input_list == NULL && pairs->general == NULL)
		die(rsyn_tool.name, "which ports? name them with -p, as in: rsyn -p 22,80,443 HOST");
	if (count == 0 && options->input_list == NULL)
		die(rsyn_tool.name, "usage error: Destination address required (rsyn --help lists the options)");
	for (int i = 0; i < count; i++)
		die_if(all, pairs_add(pairs, operands[i], NULL, 0, &all->teller));
	read_exclusions(all, options);
	if (options->input_list != NULL)
		read_list(all, options->input_list);
	find_targets(all);
	die_if(all, pairs_assign(pairs, app->targets));
	if (rp_ports_count(pairs->all) == 0)
		die(rsyn_tool.name, "--exclude-ports %s: no port is left", options->exclude_ports);
	if (options->common.run.verbose)
		tell_all_repeated(all, options);
	app->config.targets = app->targets;
	app->config.ports = pairs->all;
	app->config.ports_of = pairs->probed != NULL ? pairs->probed : pairs->asked;
	if (pairs->probed != NULL)
		fill_rows(all);
}

void targets_count(const struct targets *all)
{
	struct app *app = all->app;
	uint32_t count = rp_targets_count(app->targets);

	app->ports_asked = app->hosts_asked = 0;
	for (uint32_t target = 0; target < count; target++) {
		uint32_t ports = rp_ports_count(rp_ports_of(&app->config, target));

		app->hosts_asked += ports > 0;
		app->ports_asked += ports;
	}
}

void targets_free(struct targets *all)
{
	free(all->bad_rows);
	await_free(&all->await);
	pairs_free(&all->pairs);
}
