/* SPDX-License-Identifier: MIT */
/* A terminal is asked for a key at each tick, so that no descriptor joins the loop. */
#include "app/progress.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "app/stream.h"
#include "app/time.h"

/* The live line is for those who wait. */
#define LIVE_AFTER NS_PER_S

/* A line can be written over where the terminal knows how. */
static bool can_write_over(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

void progress_init(struct progress *progress, const struct rp_config *config, uint32_t hosts, uint64_t ports,
		   int64_t every, bool live)
{
	*progress = (struct progress){
		.hosts = hosts,
		.ports = ports,
		.started = time_now(CLOCK_MONOTONIC),
		.config = config,
		.every = every,
		.live = live && can_write_over(),
	};
	progress->next = progress->started + every;
	eta_init(&progress->eta, config, ports, progress->started);
}

void progress_event(struct progress *progress, const struct rp_event *event)
{
	if (progress->config == NULL) /* a series has none */
		return;
	if (event->kind == RP_EVENT_HOST && progress->hosts_done < progress->hosts)
		progress->hosts_done++;
	eta_event(&progress->eta, event);
	if (event->kind != RP_EVENT_PORT || event->reason == RP_REASON_NONE)
		return;
	/* A port that is revised is counted again: the total is the limit. */
	if (progress->decided < progress->ports)
		progress->decided++;
	progress->open += event->state == RP_STATE_OPEN;
}

static const char *ending(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* "0:01:07" */
static void add_duration(struct strbuf *text, int64_t ns)
{
	int64_t seconds = (ns + NS_PER_S / 2) / NS_PER_S;

	strbuf_addf(text, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* A port is half done when it was tried: many silent ones are decided all at the end. Who waits for a state has
 * tried them all at once. */
static double percent(const struct progress *progress)
{
	uint64_t tried = progress->eta.tried, begun = tried > progress->decided ? tried : progress->decided;

	if (progress->config->wait_interval > 0)
		begun = progress->decided;
	return progress->ports ? 50.0 * (double)(begun + progress->decided) / (double)progress->ports : 100.0;
}

/* How long it will still take; -1: nobody knows. Never beyond the deadline, which is all that is known while a state is
 * waited for. */
static int64_t remaining(const struct progress *progress, int64_t now)
{
	const struct rp_config *config = progress->config;
	int64_t elapsed = now - progress->started, least = INT64_MAX;

	if (config->deadline != RP_TIME_NONE)
		least = config->deadline > elapsed ? config->deadline - elapsed : 0;
	if (config->wait_interval > 0)
		return least < INT64_MAX ? least : -1;
	int64_t left = eta_left(&progress->eta, now);
	return left < least ? left : least;
}

static void print(struct strbuf *text)
{
	stream_write(STDERR_FILENO, text);
	strbuf_fini(text);
}

/* One less than the columns: in the last one some terminals begin a new line. */
static size_t room(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col - 1U : 79;
}

static void add_share(struct strbuf *text, const struct progress *progress, int digits)
{
	strbuf_addf(text, "%.*f%% of %" PRIu64 " port%s, %" PRIu64 " open", digits, percent(progress), progress->ports,
		    ending(progress->ports), progress->open);
}

static void add_left(struct strbuf *text, const struct progress *progress, const char *before, int64_t left)
{
	if (left < 0)
		return;
	strbuf_add(text, before);
	add_duration(text, left);
	strbuf_add(text, progress->config->wait_interval > 0 ? " left at most" : " left");
}

/* The hosts are left out where a terminal has no room for them. */
static void add_stats(struct strbuf *text, const struct progress *progress, int64_t now, bool hosts)
{
	strbuf_add(text, "Stats: ");
	add_duration(text, now - progress->started);
	strbuf_add(text, "; ");
	add_share(text, progress, 2);
	if (hosts)
		strbuf_addf(text, "; %" PRIu32 " of %" PRIu32 " host%s done", progress->hosts_done, progress->hosts,
			    ending(progress->hosts));
	add_left(text, progress, "; ", remaining(progress, now));
}

void progress_report(struct progress *progress)
{
	int64_t now = time_now(CLOCK_MONOTONIC);
	struct strbuf text;

	progress_erase(progress);
	strbuf_init(&text);
	add_stats(&text, progress, now, true);
	if (isatty(STDERR_FILENO) && text.length > room()) {
		strbuf_clear(&text);
		add_stats(&text, progress, now, false);
	}
	strbuf_add_char(&text, '\n');
	print(&text);
}

/* The most telling comes first: a narrow terminal shows the beginning. */
static void show_live(struct progress *progress, int64_t now)
{
	struct strbuf line, text;

	strbuf_init(&line);
	strbuf_init(&text);
	add_share(&line, progress, 1);
	add_left(&line, progress, ", ", remaining(progress, now));
	strbuf_addf(&text, "\r%.*s\033[K", (int)room(), line.text);
	progress->shown = true;
	strbuf_fini(&line);
	print(&text);
}

void progress_erase(struct progress *progress)
{
	if (progress->shown)
		dprintf(STDERR_FILENO, "\r\033[K");
	progress->shown = false;
}

/* Reading in the background would stop the process. */
static bool was_asked(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char line[256];

	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp() && poll(&input, 1, 0) == 1 &&
	       (input.revents & POLLIN) && read(STDIN_FILENO, line, sizeof line) > 0;
}

void progress_tick(struct progress *progress)
{
	int64_t now = time_now(CLOCK_MONOTONIC);

	if (was_asked() || (progress->every > 0 && now >= progress->next)) {
		progress_report(progress);
		while (progress->every > 0 && progress->next <= now)
			progress->next += progress->every;
	}
	if (progress->live && now - progress->started >= LIVE_AFTER)
		show_live(progress, now);
}
