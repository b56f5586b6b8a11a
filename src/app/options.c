/* SPDX-License-Identifier: MIT */
/* Hides what an option that both tools have does to the config and to the outputs. */
#include <string.h>

#include "app/die.h"
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

/* By its format, and what there is to tell. */
static const char *output_name(const struct app *app, enum app_format format)
{
	switch (format) {
	case APP_FORMAT_NONE:
	case APP_FORMAT_TEXT:
		return app->config.plan == RP_PLAN_SCAN ? "scan" : "ping";
	case APP_FORMAT_JSON:
		return "json";
	case APP_FORMAT_CSV:
		return "csv";
	case APP_FORMAT_XML:
		return "xml";
	case APP_FORMAT_GREPPABLE:
		return "greppable";
	}
	return NULL;
}

void app_add_output(struct app *app, enum app_format format, const char *path)
{
	outputs_add(&app->outputs, output_name(app, format), path);
}

const char *app_take_outputs(struct app *app, const struct app_options *options)
{
	bool taken = false;

	for (unsigned i = 0; i < options->file_count; i++) {
		app_add_output(app, options->files[i].format, options->files[i].path);
		taken |= strcmp(options->files[i].path, "-") == 0;
	}
	if (options->format == APP_FORMAT_NONE && taken)
		return NULL;
	return output_name(app, (enum app_format)options->format);
}

void app_take_options(struct app *app, const struct app_options *options)
{
	struct rp_config *config = &app->config;
	struct out_run *run = &app->run;
	char why[256];

	if (options->ipv4 && options->ipv6)
		die(app->about->name, "only one -4 or -6 option may be specified");
	if (options->ipv6)
		die(app->about->name, "-6: only IPv4 is spoken, leave -6 out");
	if (options->require.failed)
		die(app->about->name, "out of memory");
	if (options->require.text != NULL && require_check(options->require.text, why, sizeof why) < 0)
		die(app->about->name, "--require: invalid argument: '%s': %s", options->require.text, why);
	app->require = options->require.text;
	run->verdict = app->require != NULL ? app_add_verdict : NULL;
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
	config->show_sent = options->hexdump || options->decode != OUT_DECODE_NONE;
	run->timestamps = options->timestamps != APP_TIMESTAMPS_NONE;
	run->iso_timestamps = options->timestamps == APP_TIMESTAMPS_ISO;
	run->breakdown = options->breakdown;
	run->percentiles = options->percentiles;
	run->outages = options->outages || options->verbose > 0;
	run->changes = options->changes || options->verbose > 0;
	run->verbose = options->verbose;
	run->hexdump = options->hexdump;
	run->decode = (enum out_decode)options->decode;
	run->numeric = options->numeric;
	run->quiet = options->quiet;
}

bool app_judge(struct app *app, const char *format)
{
	struct rp_stats stats;

	rp_session_stats(app->session, RP_ALL_TARGETS, &stats);
	strbuf_clear(&app->text);
	bool held = require_judge(app->require, &stats, false, 0, &app->text);
	if (format == NULL || (strcmp(format, "ping") != 0 && strcmp(format, "json") != 0)) {
		const char *words = app_sentence(&app->text);
		warn(app->about->name, "%.*s", (int)strcspn(words, "\n"), words);
	}
	return held;
}
