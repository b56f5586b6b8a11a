/* SPDX-License-Identifier: MIT */
/* Hides how the end of a scan is guessed (the ports still undecided take as long as those before) and how
 * a terminal is asked for a key: at each tick, so that no descriptor joins the loop. */
#include "tool/progress.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define S INT64_C(1000000000)

/* The live line is for those who wait. */
#define LIVE_AFTER S

static int64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * S + now.tv_nsec;
}

void progress_init(struct progress *progress, const struct rp_config *config, int64_t every, bool live)
{
	*progress = (struct progress){
		.hosts = rp_targets_count(config->targets),
		.started = monotonic(),
		.every = every,
		.live = live && isatty(STDERR_FILENO),
	};
	progress->ports = (uint64_t)progress->hosts * rp_ports_count(config->ports);
	progress->next = progress->started + every;
}

void progress_event(struct progress *progress, const struct rp_event *event)
{
	if (event->kind == RP_EVENT_HOST && progress->hosts_done < progress->hosts)
		progress->hosts_done++;
	if (event->kind != RP_EVENT_PORT || event->reason == RP_REASON_NONE)
		return;
	/* A port that is revised is counted again: the total is the limit. */
	if (progress->decided < progress->ports)
		progress->decided++;
	progress->open += event->state == RP_STATE_OPEN;
}

/* "0:01:07" */
static void print_duration(int64_t ns)
{
	int64_t seconds = (ns + S / 2) / S;

	dprintf(STDERR_FILENO, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static double percent(const struct progress *progress)
{
	return progress->ports ? 100.0 * (double)progress->decided / (double)progress->ports : 100.0;
}

/* How long it will still take; -1 while nothing is decided. */
static int64_t remaining(const struct progress *progress, int64_t elapsed)
{
	if (progress->decided == 0)
		return -1;
	return (int64_t)((double)elapsed * (double)(progress->ports - progress->decided) / (double)progress->decided);
}

void progress_tell(struct progress *progress)
{
	int64_t elapsed = monotonic() - progress->started, left = remaining(progress, elapsed);

	progress_erase(progress);
	dprintf(STDERR_FILENO, "Stats: ");
	print_duration(elapsed);
	dprintf(STDERR_FILENO,
		" elapsed; %" PRIu32 " of %" PRIu32 " hosts done; %.2f%% of %" PRIu64 " ports, %" PRIu64 " open",
		progress->hosts_done, progress->hosts, percent(progress), progress->ports, progress->open);
	if (left >= 0) {
		time_t end = time(NULL) + left / S;
		struct tm at;

		if (localtime_r(&end, &at))
			dprintf(STDERR_FILENO, "; ETC: %02d:%02d:%02d (", at.tm_hour, at.tm_min, at.tm_sec);
		print_duration(left);
		dprintf(STDERR_FILENO, " remaining)");
	}
	dprintf(STDERR_FILENO, "\n");
}

static void show_live(struct progress *progress, int64_t elapsed)
{
	int64_t left = remaining(progress, elapsed);

	progress_erase(progress);
	progress->shown = true;
	dprintf(STDERR_FILENO, "%.1f%% of %" PRIu64 " ports, %" PRIu64 " open", percent(progress), progress->ports,
		progress->open);
	if (left < 0)
		return;
	dprintf(STDERR_FILENO, ", ");
	print_duration(left);
	dprintf(STDERR_FILENO, " left");
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
	int64_t now = monotonic();

	if (was_asked() || (progress->every > 0 && now >= progress->next)) {
		progress_tell(progress);
		while (progress->every > 0 && progress->next <= now)
			progress->next += progress->every;
	}
	if (progress->live && now - progress->started >= LIVE_AFTER)
		show_live(progress, now - progress->started);
}
