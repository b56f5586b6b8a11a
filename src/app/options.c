/* SPDX-License-Identifier: MIT */
/* What the options of both tools mean for the config and the outputs. */
#include <string.h>

#include "app/die.h"
#include "app/interim.h"
#include "app/require.h"
#include "app/app.h"

/* The best clock that may be used. */
static enum rp_clock best_clock(int choice)
{
	switch ((enum app_clock)choice) {
	case APP_CLOCK_AUTO:
	case APP_CLOCK_HARDWARE:
		return RP_CLOCK_HARDWARE;
	case APP_CLOCK_KERNEL:
		return RP_CLOCK_KERNEL;
	case APP_CLOCK_USER:
		return RP_CLOCK_USER;
	}
	return RP_CLOCK_HARDWARE;
}

/* For the outputs that have a line for it. */
static void app_add_verdict(const void *user, int64_t wall, bool json, struct strbuf *text)
{
	const struct app *app = user;
	struct rp_stats stats;

	rp_session_stats(app->session, RP_ALL_TARGETS, &stats);
	require_judge(app->require, &stats, json, wall, text);
}

void app_add_output(struct app *app, enum app_format format, const char *path)
{
	static const char *const names[] = {[APP_FORMAT_JSON] = "json",
					    [APP_FORMAT_CSV] = "csv",
					    [APP_FORMAT_XML] = "xml",
					    [APP_FORMAT_GREPPABLE] = "greppable"};
	bool scan = app->config.plan == RP_PLAN_SCAN, named = path != NULL && strcmp(path, "-") != 0;
	const void *own = NULL;

	if (format == APP_FORMAT_XML)
		own = app->scanner;
	if (format <= APP_FORMAT_TEXT)
		own = !scan ? (const void *)&app->ping : named ? NULL : &app->colored;
	const char *name = format > APP_FORMAT_TEXT ? names[format] : scan ? "scan" : "ping";
	const struct out_type *type = out_type_of(name);
	if (type == NULL)
		die(app->about->name, "this build has no %s output", name);
	if (named)
		interim_prepare(); /* a FIFO may keep us waiting */
	outputs_add(&app->outputs, type, path, own);
	if (path == NULL)
		app->verdict_shown = format <= APP_FORMAT_TEXT ? !scan : format == APP_FORMAT_JSON;
}

void app_take_outputs(struct app *app, const struct app_options *options)
{
	bool taken = false;

	for (unsigned i = 0; i < options->file_count; i++) {
		app_add_output(app, options->files[i].format, options->files[i].path);
		taken |= strcmp(options->files[i].path, "-") == 0;
	}
	if (options->format != APP_FORMAT_NONE || !taken)
		app_add_output(app, (enum app_format)options->format, NULL);
}

void app_take_options(struct app *app, const struct app_options *options)
{
	struct rp_config *config = &app->config;
	char why[256];

	if (options->ipv4 && options->ipv6)
		die(app->about->name, "only one -4 or -6 option may be specified");
	if (options->ipv6)
		die(app->about->name, "-6: only IPv4 is supported, leave -6 out");
	if (options->require.failed)
		die(app->about->name, "out of memory");
	if (options->require.text != NULL && require_check(options->require.text, why, sizeof why) < 0)
		die(app->about->name, "--require: invalid argument: '%s': %s", options->require.text, why);
	app->require = options->require.text;
	*config = options->config;
	config->count = options->count > 0 ? (uint64_t)options->count : 0;
	if (options->timeout != APP_TIMEOUT_AUTO)
		config->timeout = options->timeout > 0 ? options->timeout : INT64_MAX;
	if (options->deadline > 0)
		config->deadline = options->deadline;
	app->stats_every = options->stats_every;
	config->clock = best_clock(options->clock);
	app->clocks.promised = options->clock == APP_CLOCK_AUTO ? RP_CLOCK_KERNEL : config->clock;
	config->report_overdue |= options->report_outstanding;
	config->show_sent = options->run.hexdump || options->run.decode != OUT_DECODE_NONE;
	app->run = options->run;
	app->run.verdict = app->require != NULL ? app_add_verdict : NULL;
	app->run.verdict_user = app;
	app->ping = options->ping;
	app->ping.outages |= options->run.verbose > 0;
	app->ping.changes |= options->run.verbose > 0;
	app->ping.quiet_overdue = !options->report_outstanding;
}

bool app_judge(struct app *app)
{
	struct rp_stats stats;

	rp_session_stats(app->session, RP_ALL_TARGETS, &stats);
	strbuf_clear(&app->text);
	bool held = require_judge(app->require, &stats, false, 0, &app->text);
	if (!app->verdict_shown) {
		const char *words = app_sentence(&app->text);
		warn(app->about->name, "%.*s", (int)strcspn(words, "\n"), words);
	}
	return held;
}
