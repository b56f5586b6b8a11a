/* SPDX-License-Identifier: MIT */
/* Hides what an option that both tools have does to the config and to the outputs. */
#include <string.h>

#include "cli/die.h"
#include "tool/require.h"
#include "tool/tool.h"

/* The best clock that may be used. */
static enum rp_clock best_clock(int choice)
{
	switch ((enum tool_clock)choice) {
	case TOOL_CLOCK_AUTO:
	case TOOL_CLOCK_HARDWARE:
		return RP_CLOCK_HARDWARE;
	case TOOL_CLOCK_KERNEL:
		return RP_CLOCK_KERNEL;
	case TOOL_CLOCK_USER:
		return RP_CLOCK_USER;
	}
	return RP_CLOCK_HARDWARE;
}

/* For the outputs that have a line for it. */
static void tool_add_verdict(const void *user, int64_t wall, bool json, struct strbuf *text)
{
	const struct tool *tool = user;
	struct rp_stats stats;

	rp_session_stats(tool->session, RP_ALL_TARGETS, &stats);
	require_judge(tool->require, &stats, json, wall, text);
}

/* By its format, and what there is to tell. */
static const char *output_name(const struct tool *tool, enum tool_format format)
{
	switch (format) {
	case TOOL_FORMAT_NONE:
	case TOOL_FORMAT_TEXT:
		return tool->config.plan == RP_PLAN_SCAN ? "scan" : "ping";
	case TOOL_FORMAT_JSON:
		return "json";
	case TOOL_FORMAT_CSV:
		return "csv";
	case TOOL_FORMAT_XML:
		return "xml";
	case TOOL_FORMAT_GREPPABLE:
		return "greppable";
	}
	return NULL;
}

void tool_add_output(struct tool *tool, enum tool_format format, const char *path)
{
	sinks_add(&tool->sinks, output_name(tool, format), path);
}

const char *tool_take_outputs(struct tool *tool, const struct tool_options *options)
{
	bool taken = false;

	for (unsigned i = 0; i < options->file_count; i++) {
		tool_add_output(tool, options->files[i].format, options->files[i].path);
		taken |= strcmp(options->files[i].path, "-") == 0;
	}
	if (options->format == TOOL_FORMAT_NONE && taken)
		return NULL;
	return output_name(tool, (enum tool_format)options->format);
}

void tool_take_options(struct tool *tool, const struct tool_options *options)
{
	struct rp_config *config = &tool->config;
	struct out_run *run = &tool->run;
	char why[256];

	if (options->ipv4 && options->ipv6)
		die(tool->about->name, "only one -4 or -6 option may be specified");
	if (options->ipv6)
		die(tool->about->name, "-6: only IPv4 is spoken, leave -6 out");
	if (options->require.failed)
		die(tool->about->name, "out of memory");
	if (options->require.text != NULL && require_check(options->require.text, why, sizeof why) < 0)
		die(tool->about->name, "--require: invalid argument: '%s': %s", options->require.text, why);
	tool->require = options->require.text;
	run->verdict = tool->require != NULL ? tool_add_verdict : NULL;
	config->count = options->count > 0 ? (uint64_t)options->count : 0;
	if (options->timeout != TOOL_TIMEOUT_AUTO)
		config->timeout = options->timeout > 0 ? options->timeout : INT64_MAX;
	if (options->deadline > 0)
		config->deadline = options->deadline;
	tool->stats_every = options->stats_every;
	config->clock = best_clock(options->clock);
	tool->clocks.promised = options->clock == TOOL_CLOCK_AUTO ? RP_CLOCK_KERNEL : config->clock;
	config->report_overdue |= options->report_outstanding;
	config->show_sent = options->hexdump || options->decode != OUT_DECODE_NONE;
	run->timestamps = options->timestamps != TOOL_TIMESTAMPS_NONE;
	run->iso_timestamps = options->timestamps == TOOL_TIMESTAMPS_ISO;
	run->breakdown = options->breakdown;
	run->percentiles = options->percentiles;
	run->outages = options->outages || options->verbose > 0;
	run->changes = options->changes || options->verbose > 0;
	run->verbose = options->verbose;
	run->hexdump = options->hexdump;
	run->decode = (enum out_decode)options->decode;
	run->numeric = options->numeric;
	run->quiet = options->quiet;
	config->source = options->source;
	config->interface = options->interface;
	config->type_of_service = options->type_of_service;
}

bool tool_judge(struct tool *tool, const char *format)
{
	struct rp_stats stats;

	rp_session_stats(tool->session, RP_ALL_TARGETS, &stats);
	strbuf_clear(&tool->text);
	bool held = require_judge(tool->require, &stats, false, 0, &tool->text);
	if (format == NULL || (strcmp(format, "ping") != 0 && strcmp(format, "json") != 0)) {
		const char *words = tool_sentence(&tool->text);
		warn(tool->about->name, "%.*s", (int)strcspn(words, "\n"), words);
	}
	return held;
}
