/* SPDX-License-Identifier: MIT */
/*
 * Before the run a handler writes a fixed line, since names may be looked up by a call that blocks. During the run all goes
 * through the loop: the signals, and the signal of the clock of --stats-every, a real-time signal because SIGALRM ends a run.
 */
#include "tool/interim.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "cli/output.h"
#include "out/report.h"
#include "out/series.h"
#include "tool/tool.h"

/* SIGRTMIN is the clock of lookups before the run (tool/names.c). */
#define SIGNAL_TICK (SIGRTMIN + 1)

/* Where more ports are probed, only the sum of all is reported as text. */
#define ROWS_MAX 25

static const int asking[] = {SIGQUIT, SIGUSR1};

#define ASKING_COUNT (sizeof asking / sizeof asking[0])

static void report_none(int number)
{
	static const char text[] = "\r0/0 packets, 0% loss\n";
	int error = errno;

	(void)number;
	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	errno = error;
}

void interim_prepare(void)
{
	const struct sigaction action = {.sa_handler = report_none, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < ASKING_COUNT; i++)
		sigaction(asking[i], &action, NULL);
}

/* ---- a series --------------------------------------------------------------------------------- */

/* In iputils' form, which begins with a carriage return. */
static void report_series(void *user, int signal)
{
	const struct tool *tool = user;
	struct rp_stats stats;
	struct strbuf text;

	(void)signal;
	strbuf_init(&text);
	strbuf_add_char(&text, '\r');
	rp_session_stats(tool->session, RP_ALL_TARGETS, &stats);
	report_add_interim(&text, &stats);
	output_write(STDERR_FILENO, &text);
	strbuf_fini(&text);
}

static void add_row(const struct tool *tool, int64_t wall, uint32_t target, uint16_t port, struct strbuf *text)
{
	char address[RP_ADDR_TEXT_SIZE];
	struct rp_stats stats;

	series_add_time(&tool->run, wall, text);
	strbuf_add_escaped(text, report_host(rp_targets_at(tool->targets, target), address));
	strbuf_addf(text, ":%u: ", port);
	tool->run.port_stats(tool, target, port, &stats);
	report_add_interim(text, &stats);
}

static void add_rows(const struct tool *tool, int64_t wall, struct strbuf *text)
{
	if (tool->config.probe != RP_PROBE_TCP_SYN || tool->ports_asked < 2 || tool->ports_asked > ROWS_MAX)
		return;
	for (uint32_t target = 0; target < rp_targets_count(tool->targets); target++) {
		const struct rp_ports *ports = rp_ports_of(tool->run.config, target);

		for (uint32_t i = 0; i < rp_ports_count(ports); i++)
			add_row(tool, wall, target, rp_ports_at(ports, i), text);
	}
}

static void report_series_due(void *user, int signal)
{
	struct tool *tool = user;
	int64_t wall = rp_session_time(tool->session).wall;
	struct rp_stats stats;
	struct strbuf text;

	(void)signal;
	strbuf_init(&text);
	add_rows(tool, wall, &text);
	series_add_time(&tool->run, wall, &text);
	rp_session_stats(tool->session, RP_ALL_TARGETS, &stats);
	report_add_interim(&text, &stats);
	output_write(STDERR_FILENO, &text);
	strbuf_fini(&text);
	sinks_interim(&tool->sinks, wall);
	if (tool->sinks.alive == 0)
		rp_loop_quit(tool->loop);
}

/* ---- a scan ----------------------------------------------------------------------------------- */

static void report_scan(void *user, int signal)
{
	struct tool *tool = user;

	(void)signal;
	progress_tell(&tool->progress);
}

static void tick_scan(void *user, int signal)
{
	struct tool *tool = user;

	(void)signal;
	progress_tick(&tool->progress);
}

static void erase_live_line(void *user)
{
	progress_erase(user);
}

/* ---- both ------------------------------------------------------------------------------------- */

static int start_clock(struct tool *tool, int64_t every, void (*tick)(void *user, int signal))
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGNAL_TICK};
	const struct timespec period = {.tv_sec = (time_t)(every / NS_PER_S), .tv_nsec = every % NS_PER_S};
	const struct itimerspec spec = {.it_interval = period, .it_value = period};
	timer_t timer;
	int error = rp_loop_on_signals(tool->loop, &(const int){SIGNAL_TICK}, 1, tick, tool);

	if (error < 0)
		return error;
	return timer_create(CLOCK_MONOTONIC, &event, &timer) < 0 || timer_settime(timer, 0, &spec, NULL) < 0 ? -errno : 0;
}

/* The clock of a scan ticks only where somebody may see it. */
int interim_begin(struct tool *tool)
{
	bool scan = tool->config.plan == RP_PLAN_SCAN;
	int64_t every = tool->stats_every;
	int error = rp_loop_on_signals(tool->loop, asking, ASKING_COUNT, scan ? report_scan : report_series, tool);

	if (scan) {
		progress_init(&tool->progress, &tool->config, tool->hosts_asked, tool->ports_asked, every,
			      !tool->progress_hidden);
		tool->sinks.before = erase_live_line;
		tool->sinks.before_user = &tool->progress;
		every = tool->progress.live || every > 0 ? PROGRESS_TICK_NS : 0;
	}
	if (error < 0 || every == 0)
		return error;
	return start_clock(tool, every, scan ? tick_scan : report_series_due);
}
