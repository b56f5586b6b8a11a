/* SPDX-License-Identifier: MIT */
/*
 * Hides the order in which a tool comes up and goes down, and what it does with its output: every event
 * that makes text is written at once, so a reader of the pipe is never behind.
 */
#include "tool/tool.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/die.h"
#include "cli/output.h"

void tool_open(struct tool *tool, const struct opt_tool *about, unsigned sockets)
{
	*tool = (struct tool){.about = about, .promised = RP_CLOCK_KERNEL};
	strbuf_init(&tool->text);
	tool->sockets_error = rp_sockets_open(&tool->sockets, sockets);
	int error = rp_privileges_drop();
	if (error < 0)
		die(about->name, "cannot drop privileges: %s", strerror(-error));
	error = rp_targets_new(&tool->targets);
	if (error < 0)
		die(about->name, "%s", strerror(-error));
}

void tool_close(struct tool *tool)
{
	if (tool->out != NULL)
		tool->type->close(tool->out);
	rp_session_close(tool->session);
	rp_loop_free(tool->loop);
	rp_targets_free(tool->targets);
	rp_sockets_close(tool->sockets);
	strbuf_fini(&tool->text);
}

static void tool_write(struct tool *tool)
{
	int error = output_write(STDOUT_FILENO, &tool->text);

	if (error < 0)
		die(tool->about->name, "cannot write the output: %s", strerror(-error));
}

void tool_parse(struct tool *tool, int argc, char **argv, void *options, const char **operands, int *count)
{
	switch (opt_parse(tool->about, argc, argv, options, operands, count, &tool->text)) {
	case OPT_RUN:
		return;
	case OPT_EXIT:
		tool_write(tool);
		exit(EXIT_SUCCESS);
	case OPT_ERROR:
		die(tool->about->name, "%s", tool->text.text);
	}
}

/* ---- targets ---------------------------------------------------------------------------------- */

void tool_add_target(struct tool *tool, const char *text)
{
	struct rp_error error = {""};

	if (rp_targets_add(tool->targets, text, &error) < 0)
		die(tool->about->name, "%s", error.text);
}

void tool_add_list(struct tool *tool, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		die(tool->about->name, "%s: %s", path, strerror(errno));
	while (getline(&line, &size, file) >= 0) {
		line[strcspn(line, "#")] = '\0';
		char *rest = line;
		for (char *word; (word = strtok_r(rest, " \t\r\n,", &rest)) != NULL;)
			tool_add_target(tool, word);
	}
	if (ferror(file))
		die(tool->about->name, "%s: %s", path, strerror(errno));
	free(line);
	if (!standard)
		fclose(file);
}

/* ---- the run ---------------------------------------------------------------------------------- */

static void tool_refuse_unprivileged(const struct tool *tool)
{
	char path[4096] = "";
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

	if (tool->sockets != NULL)
		return;
	if (tool->sockets_error != -EPERM || length <= 0)
		die(tool->about->name, "cannot open a raw socket: %s", strerror(-tool->sockets_error));
	die(tool->about->name, "no permission to open a raw socket; allow it once with: sudo setcap cap_net_raw+ep %s",
	    path);
}

/* One sentence for each refusal of a series, one for each kind of refusal of a scan. */
static void tool_tell_unsent(struct tool *tool, const struct rp_event *event)
{
	struct strbuf text;

	if (tool->config.plan == RP_PLAN_SCAN && event->error == tool->unsent_error)
		return;
	tool->unsent_error = event->error;
	strbuf_init(&text);
	out_unsent_text(&text, event, &tool->config);
	warn(tool->about->name, "%s", text.failed ? strerror(event->error) : text.text);
	strbuf_fini(&text);
}

/* Once: where one stamp is missing, all may be. */
static void tool_tell_clock(struct tool *tool, const struct rp_event *event)
{
	if (event->kind != RP_EVENT_REPLY || event->rtt == RP_TIME_NONE || event->clock <= tool->promised)
		return;
	warn(tool->about->name, "no %s time stamp for a round trip: its time is the %s clock's",
	     rp_clock_name(tool->promised), rp_clock_name(event->clock));
	tool->promised = event->clock;
}

static void tool_event(void *user, const struct rp_event *event)
{
	struct tool *tool = user;

	if (tool->event != NULL)
		tool->event(tool->event_user, event);
	tool_tell_clock(tool, event);
	if (event->kind == RP_EVENT_UNSENT)
		tool_tell_unsent(tool, event);
	tool->type->event(tool->out, event, &tool->text);
	if (event->kind == RP_EVENT_DONE)
		tool->type->finish(tool->out, &tool->text);
	if (tool->text.length > 0 || tool->text.failed)
		tool_write(tool);
}

static void tool_stats(const void *user, uint32_t target, struct rp_stats *stats)
{
	const struct tool *tool = user;

	rp_session_stats(tool->session, target, stats);
}

static void tool_on_signal(void *user, int signal)
{
	struct tool *tool = user;

	(void)signal;
	rp_session_stop(tool->session);
}

void tool_run(struct tool *tool, const char *format)
{
	const char *name = tool->about->name;
	struct rp_error why = {""};
	struct timespec wall;

	tool_refuse_unprivileged(tool);
	tool->config.targets = tool->targets;
	int error = rp_loop_new(&tool->loop);
	if (error < 0)
		die(name, "cannot make an event loop: %s", strerror(-error));
	error = rp_session_open(&tool->session, tool->loop, tool->sockets, &tool->config,
				&(struct rp_listener){tool_event, tool}, &why);
	if (error < 0)
		die(name, "%s", why.text[0] != '\0' ? why.text : strerror(-error));

	clock_gettime(CLOCK_REALTIME, &wall);
	tool->run.tool = name;
	tool->run.config = &tool->config;
	tool->run.source = rp_session_source(tool->session, 0);
	tool->run.stats = tool_stats;
	tool->run.stats_user = tool;
	tool->run.started_wall = wall.tv_sec * INT64_C(1000000000) + wall.tv_nsec;
	tool->type = out_type_of(format);
	error = tool->type->open(&tool->out, &tool->run);
	if (error < 0)
		die(name, "%s", strerror(-error));
	tool->type->start(tool->out, &tool->text);
	tool_write(tool);

	error = rp_loop_on_signal(tool->loop, SIGINT, tool_on_signal, tool);
	if (error == 0)
		error = rp_loop_run(tool->loop);
	if (error < 0)
		die(name, "%s", strerror(-error));
}
