/* SPDX-License-Identifier: MIT */
/* Hides the order in which a tool comes up and goes down, and what ends it. */
#include "tool/tool.h"

#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/ns.h"
#include "cli/die.h"
#include "cli/output.h"
#include "out/series.h"
#include "tool/interim.h"
#include "tool/limits.h"
#include "tool/names.h"

/* A descriptor 0 to 2 that is closed would be given to a socket, and output would become packets. Opened
 * the wrong way round it still fails as a closed one does. */
static void fill_standard_descriptors(void)
{
	struct pollfd standard[] = {{.fd = STDIN_FILENO}, {.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};

	poll(standard, 3, 0);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (standard[fd].revents & POLLNVAL)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Most of a large table is never touched in a short run. Pages of its own come cleared, one by one as they are
 * touched; glibc's heap begins with room for it, and there all of it would be cleared at the start. */
static void tool_spare_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 16 << 10);
	mallopt(M_TOP_PAD, 8 << 10);
#endif
}

const char *tool_sentence(const struct strbuf *text)
{
	return text->failed || text->text == NULL ? "out of memory" : text->text;
}

_Noreturn void tool_die(const struct tool *tool, int error, const struct rp_error *why)
{
	if (error == -EMFILE || error == -ENFILE)
		die(tool->about->name, "%s; raise the limit, see: ulimit -n", strerror(-error));
	if (error == -ENOMEM)
		die(tool->about->name, "out of memory");
	die(tool->about->name, "%s", why != NULL && why->text[0] != '\0' ? why->text : strerror(-error));
}

int64_t tool_time(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void tool_open(struct tool *tool, const struct opt_tool *about, unsigned sockets)
{
	tool_spare_memory();
	*tool = (struct tool){.about = about, .clocks.promised = RP_CLOCK_KERNEL, .sinks.tool = about->name};
	fill_standard_descriptors();
	interim_prepare();
	strbuf_init(&tool->text);
	strbuf_init(&tool->command);
	int refused = rp_sockets_open(&tool->sockets, sockets);
	if (refused < 0)
		denied_note(&tool->denied, refused);
	tool->clocks.asked = tool_time(CLOCK_MONOTONIC);
	int error = rp_privileges_drop();
	if (error < 0)
		die(about->name, "cannot drop privileges: %s", strerror(-error));
	error = rp_targets_new(&tool->targets);
	if (error < 0)
		tool_die(tool, error, NULL);
}

/* The end of the process gives everything back at once; piece by piece it is for those who look for leaks. */
void tool_close(struct tool *tool)
{
	if (!LEAKS_ARE_LOOKED_FOR)
		return;
	sinks_close(&tool->sinks);
	rp_session_close(tool->session);
	rp_names_close(tool->names);
	free(tool->followed);
	rp_loop_free(tool->loop);
	rp_targets_free(tool->targets);
	rp_sockets_close(tool->sockets);
	strbuf_fini(&tool->text);
	strbuf_fini(&tool->command);
}

void tool_write(struct tool *tool)
{
	int error = output_write(STDOUT_FILENO, &tool->text);

	if (error < 0)
		die(tool->about->name, "cannot write the output: %s", strerror(-error));
}

/* Names beyond ASCII are read and shown as the user's locale encodes them. Others need no locale, whose files would cost
 * every start. */
static void tool_set_encoding(char *const *words)
{
	for (; *words != NULL; words++)
		if (!ascii_only(*words) || strcasestr(*words, "xn--") != NULL) {
			setlocale(LC_CTYPE, "");
			return;
		}
}

void tool_parse(struct tool *tool, int argc, char **argv, void *options, const char **operands, int *count)
{
	strbuf_add(&tool->command, tool->about->name);
	for (int i = 1; i < argc; i++) {
		strbuf_add_char(&tool->command, ' ');
		strbuf_add(&tool->command, argv[i]);
	}
	switch (opt_parse(tool->about, argc, argv, options, operands, count, &tool->text)) {
	case OPT_RUN:
		tool_set_encoding(argv + 1);
		return;
	case OPT_EXIT:;
		int error = output_write(STDOUT_FILENO, &tool->text);
		if (error < 0)
			die(tool->about->name, "cannot write the output: %s", strerror(-error));
		exit(EXIT_SUCCESS);
	case OPT_ERROR:
		die(tool->about->name, "%s", tool->text.text);
	}
}

/* ---- targets ---------------------------------------------------------------------------------- */

struct adding {
	struct tool *tool;
	struct rp_error *error;
	int result;
};

static void take_addresses(void *user, size_t index, const struct rp_found *found)
{
	struct adding *adding = user;

	(void)index;
	adding->result = found->error;
	if (found->count == 0) {
		snprintf(adding->error->text, sizeof adding->error->text, "%s", found->why);
		return;
	}
	if (found->count > 1 && !adding->tool->run.quiet)
		names_tell_others(adding->tool, found);
	adding->result =
		rp_targets_add_address(adding->tool->targets, found->addresses[0], found->name, found->canonical);
}

int tool_add_target(struct tool *tool, const char *text, struct rp_error *error)
{
	struct adding adding = {tool, error, rp_targets_add_numeric(tool->targets, text, error)};

	if (adding.result == 1 && rp_names_look_up(&text, 1, take_addresses, &adding) < 0)
		adding.result = -ENOMEM;
	return adding.result;
}

/* ---- the run ---------------------------------------------------------------------------------- */

static void tool_tell_unsent(struct tool *tool, const struct rp_event *event)
{
	struct strbuf text;

	if (tool->config.plan == RP_PLAN_SCAN && tool->run.quiet)
		return;
	if (event->error == EDESTADDRREQ) /* who looks the name up tells */
		return;
	strbuf_init(&text);
	series_add_time(&tool->run, event->wall, &text);
	if (unsent_tell(&tool->unsent, event, &tool->config, &text)) {
		progress_erase(&tool->progress);
		warn(tool->about->name, "%s", text.failed ? strerror(event->error) : text.text);
	}
	strbuf_fini(&text);
}

static void tool_tell_clock(struct tool *tool, const struct rp_event *event)
{
	if (!clocks_tell(&tool->clocks, event))
		return;
	warn(tool->about->name, "no %s time stamp for a round trip: its time is the %s clock's",
	     rp_clock_name(tool->clocks.promised), rp_clock_name(event->clock));
	tool->clocks.promised = event->clock;
}

/* Of one name. */
static void tool_row_event(void *user, const struct rp_event *event)
{
	struct tool *tool = user;

	if (tool->event != NULL)
		tool->event(tool->event_user, event);
	sinks_event(&tool->sinks, event, false);
}

static void tool_event(void *user, const struct rp_event *event)
{
	struct tool *tool = user;

	tool_tell_clock(tool, event);
	if (event->kind == RP_EVENT_UNSENT || event->kind == RP_EVENT_SENT)
		tool_tell_unsent(tool, event);
	if (tool->config.plan == RP_PLAN_SCAN)
		progress_event(&tool->progress, event);
	if (event->kind == RP_EVENT_DONE)
		progress_erase(&tool->progress);
	rows_each(&tool->rows, event, tool_row_event, tool);
	if (tool->sinks.merging)
		sinks_event(&tool->sinks, event, true);
	if (tool->sinks.alive == 0)
		rp_loop_quit(tool->loop);
}

static void tool_stats(const void *user, uint32_t target, struct rp_stats *stats)
{
	const struct tool *tool = user;

	rp_session_stats(tool->session, target == RP_ALL_TARGETS ? target : rows_target(tool->targets, target), stats);
}

static void tool_port_stats(const void *user, uint32_t target, uint16_t port, struct rp_stats *stats)
{
	const struct tool *tool = user;

	rp_session_port_stats(tool->session, rows_target(tool->targets, target), port, stats);
}

static void tool_on_signal(void *user, int signal)
{
	struct tool *tool = user;

	if (signal == SIGTERM || signal == SIGHUP)
		tool->ended_by = signal;
	rp_session_stop(tool->session);
}

/* What nohup ignores stays ignored. The alarm clock of whoever started the program stops a run, too. */
static int tool_catch_signals(struct tool *tool)
{
	int signals[4] = {SIGINT, SIGTERM, SIGALRM};
	size_t count = 3;
	struct sigaction now;

	if (sigaction(SIGHUP, NULL, &now) < 0 || now.sa_handler != SIG_IGN)
		signals[count++] = SIGHUP;
	return rp_loop_on_signals(tool->loop, signals, count, tool_on_signal, tool);
}

void tool_end_by_signal(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	signal(number, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	_exit(128 + number);
}

/* What the kernel refuses, and what is done instead: with -v. */
static void tool_tell_refusals(const struct tool *tool, unsigned notes)
{
	static const struct {
		enum rp_session_note note;
		const char *text;
	} refusals[] = {
		{RP_NOTE_NO_FILTER, "packet filters: every packet of this host is looked at here"},
		{RP_NOTE_NO_DEPARTURE_STAMPS, "time stamps of what is sent: the user's clock takes these times"},
		{RP_NOTE_NO_ARRIVAL_STAMPS, "time stamps of what arrives: the user's clock takes these times"},
		{RP_NOTE_NO_DROP_COUNT, "the count of packets dropped because a buffer is full: they are lost"},
		{RP_NOTE_NO_QUEUE_ERRORS, "reports of a full queue: a probe that it drops is lost"},
		{RP_NOTE_NO_BUFFER, "larger socket buffers: a burst of answers or probes may be too much for them"},
		{RP_NOTE_NO_PRIORITY, "the type of service of a socket: routing rules and queues of this host do not see it"},
	};

	for (size_t i = 0; tool->run.verbose > 0 && i < sizeof refusals / sizeof *refusals; i++)
		if (notes & refusals[i].note)
			warn(tool->about->name, "this kernel refuses %s", refusals[i].text);
}

/* In iputils' words. */
static unsigned tool_tell_notes(const struct tool *tool)
{
	unsigned notes = rp_session_notes(tool->session);

	if (notes & RP_NOTE_BROADCAST)
		fprintf(stderr, "WARNING: pinging broadcast address\n");
	if (notes & RP_NOTE_SOURCE)
		warn(tool->about->name, "Warning: source address might be selected on device other than: %s",
		     tool->config.interface);
	if (notes & RP_NOTE_MARK)
		warn(tool->about->name, "failed to set mark: %" PRId64 ": it takes CAP_NET_ADMIN before Linux 5.17",
		     tool->config.mark);
	if (notes & RP_NOTE_FEW_PORTS && tool->run.verbose > 0)
		warn(tool->about->name, "too few source ports for this rate: the loss of open ports may show too high");
	tool_tell_refusals(tool, notes);
	return notes;
}

static void tool_bad_event(void *user, const struct rp_event *event)
{
	struct tool *tool = user;

	tool_row_event(tool, event);
	sinks_event(&tool->sinks, event, true);
}

static void tool_begin(struct tool *tool, const char *format)
{
	const char *name = tool->about->name;
	struct rp_error why = {""};

	tool->config.targets = tool->targets;
	limits_apply(tool);
	if (tool->sockets == NULL)
		denied_die(&tool->denied, name);
	int error = tool->loop == NULL ? rp_loop_new(&tool->loop) : 0;
	if (error < 0)
		tool_die(tool, error, NULL);
	error = rp_session_open(&tool->session, tool->loop, tool->sockets, &tool->config,
				&(struct rp_listener){tool_event, tool}, &why);
	if (error < 0)
		tool_die(tool, error, &why);

	/* What programs read is the same where rping was given another name. */
	tool->run.tool = strcmp(name, RPING_NAME) == 0 ? "rping" : name;
	tool->run.command = tool->command.failed ? NULL : tool->command.text;
	rows_prepare(&tool->rows, &tool->config);
	tool->run.config = &tool->rows.asked_config;
	tool->run.merged = &tool->rows.merged_config;
	tool->run.source = rp_session_source(tool->session, 0);
	/* Stamps that never come are not waited for. */
	if (tool_tell_notes(tool) & RP_NOTE_NO_ARRIVAL_STAMPS)
		tool->clocks.stamping = true;
	tool->run.stats = tool_stats;
	tool->run.port_stats = tool_port_stats;
	tool->run.stats_user = tool;
	tool->run.started = rp_session_time(tool->session);
	if (format != NULL)
		sinks_add(&tool->sinks, format, NULL);
	error = tool_catch_signals(tool);
	if (error < 0)
		die(name, "%s", strerror(-error));
	sinks_start(&tool->sinks, &tool->run);
	rows_tell_bad(&tool->rows, tool->run.started, tool_bad_event, tool);
}

/* From here on nothing is opened or started. Local time wants a file, at its first use. */
static void tool_seal(const struct tool *tool)
{
	if (tool->run.iso_timestamps || tool->config.plan == RP_PLAN_SCAN)
		tzset();
	int error = rp_seal(tool->names != NULL ? RP_SEAL_NAMES : 0);
	if (error < 0 && error != -ENOSYS)
		die(tool->about->name, "cannot close the system-call filter: %s", strerror(-error));
}

void tool_run(struct tool *tool, const char *format)
{
	/* One closed pipe must not cut the other outputs short. */
	void (*on_pipe)(int) = signal(SIGPIPE, SIG_IGN);
	/* A limit of file sizes is like a full disk. */
	void (*on_limit)(int) = signal(SIGXFSZ, SIG_IGN);

	tool_begin(tool, format);
	int received = 0, error = interim_begin(tool);
	if (error == 0)
		tool_seal(tool);
	if (error == 0 && (tool->sinks.alive > 0 || tool->sinks.count == 0))
		received = rp_loop_run(tool->loop);
	if (error < 0)
		die(tool->about->name, "%s", strerror(-error));
	sinks_close(&tool->sinks);
	if (received < 0)
		die(tool->about->name, "cannot receive packets or signals: %s", strerror(-received));
	if (tool->ended_by != 0)
		tool_end_by_signal(tool->ended_by);
	if (tool->sinks.failed)
		exit(EXIT_USAGE);
	if (tool->sinks.pipe_closed && on_pipe == SIG_DFL)
		tool_end_by_signal(SIGPIPE);
	if (tool->sinks.pipe_closed)
		die(tool->about->name, "cannot write the output: %s", strerror(EPIPE));
	signal(SIGPIPE, on_pipe);
	signal(SIGXFSZ, on_limit);
}
