/* SPDX-License-Identifier: MIT */
/* Before the run a handler writes a fixed line, since names may be looked up by a call that blocks. During the run
 * signals and timer are the loop's. */
#include "app/interim.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "app/stream.h"
#include "out/report.h"
#include "out/ping.h"
#include "app/app.h"
#include "app/time.h"

/* Where more ports are probed, only the sum of all is reported as text. */
#define ROWS_MAX 25

void interim_report_none(int number)
{
	static const char text[] = "\r0/0 packets, 0% loss\n";
	int error = errno;

	(void)number;
	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	errno = error;
}

void interim_prepare(void)
{
	const struct sigaction action = {.sa_handler = interim_report_none, .sa_flags = SA_RESTART};

	sigaction(SIGQUIT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
}

/* ---- a series --------------------------------------------------------------------------------- */

/* In iputils' form, which begins with a carriage return. */
static void report_series(const struct app *app)
{
	struct rp_stats stats;
	struct strbuf text;

	strbuf_init(&text);
	strbuf_add_char(&text, '\r');
	rp_session_stats(app->session, RP_ALL_TARGETS, &stats);
	report_add_interim(&text, &stats);
	stream_write(STDERR_FILENO, &text);
	strbuf_fini(&text);
}

static void add_row(const struct app *app, int64_t wall, uint32_t target, uint16_t port, struct strbuf *text)
{
	char address[RP_ADDR_TEXT_SIZE];
	struct rp_stats stats;

	ping_summary_add_time(&app->run, wall, text);
	strbuf_add_escaped(text, report_host(rp_targets_at(app->targets, target), address));
	strbuf_addf(text, ":%u: ", port);
	app->results.port_stats(app->results.user, target, port, &stats);
	report_add_interim(text, &stats);
}

static void add_rows(const struct app *app, int64_t wall, struct strbuf *text)
{
	if (app->config.probe != RP_PROBE_TCP_SYN || app->ports_asked < 2 || app->ports_asked > ROWS_MAX)
		return;
	for (uint32_t target = 0; target < rp_targets_count(app->targets); target++) {
		const struct rp_ports *ports = rp_grid_ports(app->results.grid, target);

		for (uint32_t i = 0; i < rp_ports_count(ports); i++)
			add_row(app, wall, target, rp_ports_at(ports, i), text);
	}
}

static void report_series_due(struct app *app)
{
	int64_t wall = rp_session_time(app->session).wall;
	struct rp_stats stats;
	struct strbuf text;

	strbuf_init(&text);
	add_rows(app, wall, &text);
	ping_summary_add_time(&app->run, wall, &text);
	rp_session_stats(app->session, RP_ALL_TARGETS, &stats);
	report_add_interim(&text, &stats);
	stream_write(STDERR_FILENO, &text);
	strbuf_fini(&text);
	outputs_interim(&app->outputs, wall);
	if (app->outputs.alive == 0)
		rp_loop_quit(app->loop);
}

/* ---- a scan ----------------------------------------------------------------------------------- */

static void erase_live_line(void *user)
{
	progress_erase(user);
}

/* ---- both ------------------------------------------------------------------------------------- */

/* Ticks that a stopped process has missed are left out. */
static void tick(void *user, int64_t now)
{
	struct app *app = user;

	while (app->tick_at <= now)
		app->tick_at += app->tick_every;
	rp_timer_set(app->tick, app->tick_at);
	if (app->config.plan == RP_PLAN_SCAN)
		progress_tick(&app->progress);
	else
		report_series_due(app);
}

void interim_report(struct app *app)
{
	if (app->config.plan == RP_PLAN_SCAN)
		progress_report(&app->progress);
	else
		report_series(app);
}

/* The clock of a scan ticks only where somebody may see it. */
int interim_begin(struct app *app)
{
	bool scan = app->config.plan == RP_PLAN_SCAN;
	int64_t every = app->stats_every;
	int error;

	if (scan) {
		progress_init(&app->progress, &app->config, app->hosts_asked, app->ports_asked, every,
			      !app->progress_hidden);
		app->outputs.before = erase_live_line;
		app->outputs.before_user = &app->progress;
		every = app->progress.live || every > 0 ? PROGRESS_TICK_NS : 0;
	}
	if (every == 0)
		return 0;
	app->tick_every = every;
	app->tick_at = time_now(CLOCK_MONOTONIC) + every;
	error = rp_loop_timer(app->loop, &app->tick, tick, app);
	if (error == 0)
		rp_timer_set(app->tick, app->tick_at);
	return error;
}
