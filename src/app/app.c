/* SPDX-License-Identifier: MIT */
/* Starts a tool, runs its session, and ends it. The order matters: sockets, privileges, arguments, outputs, filter,
 * run. */
#include "app/app.h"

#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/ns.h"
#include "app/die.h"
#include "app/stream.h"
#include "out/ping.h"
#include "app/files.h"
#include "app/interim.h"
#include "app/limits.h"
#include "app/names.h"
#include "app/signals.h"
#include "app/time.h"

/* A descriptor 0 to 2 that is closed would be given to a socket, and output would become packets. Opened
 * the wrong way round it still fails as a closed one does. */
static void fill_standard_descriptors(const char *name)
{
	struct pollfd standard[] = {{.fd = STDIN_FILENO}, {.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};

	poll(standard, 3, 0);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (standard[fd].revents & POLLNVAL &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			die(name, "standard input, output or error is closed, and /dev/null cannot take its place: %s",
			    strerror(errno));
}

/* Most of a large table is never touched in a short run. Pages of its own come cleared, one by one as they are
 * touched; glibc's heap begins with room for it, and there all of it would be cleared at the start. */
static void app_spare_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 16 << 10);
	mallopt(M_TOP_PAD, 32 << 10);
#endif
}

const char *app_sentence(const struct strbuf *text)
{
	return text->failed || text->text == NULL ? "out of memory" : text->text;
}

_Noreturn void app_die(const struct app *app, int error, const struct rp_error *why)
{
	if (error == -EMFILE || error == -ENFILE)
		die(app->about->name, "%s; raise the limit, see: ulimit -n", strerror(-error));
	if (error == -ENOMEM)
		die(app->about->name, "out of memory");
	die(app->about->name, "%s", why != NULL && why->text[0] != '\0' ? why->text : strerror(-error));
}

void app_open(struct app *app, const struct opt_tool *about, unsigned sockets)
{
	app_spare_memory();
	*app = (struct app){.about = about, .clocks.promised = RP_CLOCK_KERNEL, .outputs.tool = about->name};
	fill_standard_descriptors(about->name);
	strbuf_init(&app->text);
	strbuf_init(&app->command);
	rp_sockets_open(&app->sockets, sockets, &app->denied);
	app->clocks.asked = time_now(CLOCK_MONOTONIC);
	uint32_t user, group;
	int error = files_of_sudo(&user, &group) ? rp_privileges_drop_to(user, group) : rp_privileges_drop();
	if (error < 0)
		die(about->name, "cannot drop privileges: %s", strerror(-error));
	error = rp_targets_new(&app->targets);
	if (error < 0)
		app_die(app, error, NULL);
}

/* The end of the process gives everything back at once; piece by piece it is for those who look for leaks. */
void app_close(struct app *app)
{
	if (!LEAKS_ARE_LOOKED_FOR)
		return;
	outputs_close(&app->outputs);
	rp_session_close(app->session);
	free(app->followed);
	rp_timer_close(app->tick);
	rp_loop_free(app->loop);
	rp_targets_free(app->targets);
	rp_sockets_close(app->sockets);
	strbuf_fini(&app->text);
	strbuf_fini(&app->command);
}

/* Names beyond ASCII are read and shown as the user's locale encodes them. Others need no locale, whose files would
 * cost every start. */
static void app_set_encoding(char *const *words)
{
	for (; *words != NULL; words++)
		if (!ascii_only(*words) || strcasestr(*words, "xn--") != NULL) {
			setlocale(LC_CTYPE, "");
			return;
		}
}

/* The kernel looks whether it knows filters before it reads this one, which is none. */
static const char *app_filter_text(void)
{
	if (!HAVE_SECCOMP)
		return "no";
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 && errno == EINVAL
		       ? "no, this kernel refuses it"
		       : "yes";
}

void app_parse(struct app *app, int argc, char **argv, void *options, const char **operands, int *count)
{
	strbuf_add(&app->command, app->about->name);
	for (int i = 1; i < argc; i++) {
		strbuf_add_char(&app->command, ' ');
		strbuf_add(&app->command, argv[i]);
	}
	switch (opt_parse(app->about, argc, argv, options, operands, count, &app->text)) {
	case OPT_RUN:
		app_set_encoding(argv + 1);
		return;
	case OPT_EXIT:
		if (!app->text.failed && strcmp(app->text.text, app->about->version) == 0)
			strbuf_addf(&app->text, "system-call filter: %s\n", app_filter_text());
		int error = stream_write(STDOUT_FILENO, &app->text);

		if (error < 0)
			die(app->about->name, "cannot write the output: %s", strerror(-error));
		exit(EXIT_SUCCESS);
	case OPT_ERROR:
		die(app->about->name, "%s", app->text.text);
	}
}

/* ---- targets ---------------------------------------------------------------------------------- */

struct adding {
	struct app *app;
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
	if (found->count > 1 && !adding->app->run.quiet)
		names_report_others(adding->app, found);
	adding->result = rp_targets_add_name(adding->app->targets, found->addresses[0], found->name, found->canonical);
}

int app_add_target(struct app *app, const char *text, struct rp_error *error)
{
	struct adding adding = {app, error, rp_targets_add_numeric(app->targets, text, error)};

	if (adding.result == 1)
		interim_prepare();
	if (adding.result == 1 && rp_resolver_look_up(&text, 1, take_addresses, &adding) < 0)
		adding.result = -ENOMEM;
	return adding.result;
}

/* ---- the run ---------------------------------------------------------------------------------- */

static void app_report_unsent(struct app *app, const struct rp_event *event)
{
	struct strbuf text;

	if (app->config.plan == RP_PLAN_SCAN && app->run.quiet)
		return;
	if (event->error == EDESTADDRREQ) /* who looks the name up reports it */
		return;
	strbuf_init(&text);
	ping_summary_add_time(&app->run, event->wall, &text);
	if (unsent_report(&app->unsent, event, &app->config, &text)) {
		progress_erase(&app->progress);
		warn(app->about->name, "%s", text.failed ? strerror(event->error) : text.text);
	}
	strbuf_fini(&text);
}

static void app_report_clock(struct app *app, const struct rp_event *event)
{
	if (!clock_notice_report(&app->clocks, event))
		return;
	warn(app->about->name, "no %s time stamp for a round trip: its time is the %s clock's",
	     rp_clock_name(app->clocks.promised), rp_clock_name(event->clock));
	app->clocks.promised = event->clock;
}

/* Of one name. */
static void app_row_event(void *user, const struct rp_event *event)
{
	struct app *app = user;

	if (app->event != NULL)
		app->event(app->event_user, event);
	outputs_event(&app->outputs, event, false);
}

static void app_event(void *user, const struct rp_event *event)
{
	struct app *app = user;

	app_report_clock(app, event);
	if (event->kind == RP_EVENT_UNSENT || event->kind == RP_EVENT_SENT)
		app_report_unsent(app, event);
	if (app->config.plan == RP_PLAN_SCAN)
		progress_event(&app->progress, event);
	if (event->kind == RP_EVENT_DONE)
		progress_erase(&app->progress);
	rows_each(app->targets, event, app_row_event, app);
	if (app->outputs.merging)
		outputs_event(&app->outputs, event, true);
	if (app->outputs.alive == 0)
		rp_loop_quit(app->loop);
}

static void app_stats(void *user, uint32_t target, struct rp_stats *stats)
{
	const struct app *app = user;

	rp_session_stats(app->session, target == RP_ALL_TARGETS ? target : rows_target(app->targets, target), stats);
}

static void app_port_stats(void *user, uint32_t target, uint16_t port, struct rp_stats *stats)
{
	const struct app *app = user;

	rp_session_port_stats(app->session, rows_target(app->targets, target), port, stats);
}

/* What the kernel refuses, and what is done instead: with -v. */
static void app_report_refusals(const struct app *app, unsigned notes)
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
		{RP_NOTE_NO_PRIORITY,
		 "the type of service of a socket: routing rules and queues of this host do not see it"},
	};

	for (size_t i = 0; app->run.verbose > 0 && i < sizeof refusals / sizeof *refusals; i++)
		if (notes & refusals[i].note)
			warn(app->about->name, "this kernel refuses %s", refusals[i].text);
}

/* In iputils' words. */
static unsigned app_report_notes(const struct app *app)
{
	unsigned notes = rp_session_notes(app->session);

	if (notes & RP_NOTE_BROADCAST)
		fprintf(stderr, "WARNING: pinging broadcast address\n");
	if (notes & RP_NOTE_SOURCE)
		warn(app->about->name, "Warning: source address might be selected on device other than: %s",
		     app->config.interface);
	if (notes & RP_NOTE_MARK)
		warn(app->about->name,
		     "failed to set mark: %" PRId64 ": it takes CAP_NET_RAW, before Linux 5.17 CAP_NET_ADMIN",
		     app->config.mark);
	if (app->run.verbose > 0 && strcmp(app->run.path, "raw") != 0)
		warn(app->about->name,
		     "no raw socket may be opened here: the probes go by the unprivileged ICMP socket");
	if (notes & RP_NOTE_FEW_PORTS && app->run.verbose > 0)
		warn(app->about->name, "too few source ports for this rate: the loss of open ports may show too high");
	app_report_refusals(app, notes);
	return notes;
}

static void app_bad_event(void *user, const struct rp_event *event)
{
	struct app *app = user;

	app_row_event(app, event);
	outputs_event(&app->outputs, event, true);
}

static void app_begin(struct app *app)
{
	const char *name = app->about->name;
	struct rp_error why = {""};

	app->config.targets = app->targets;
	limits_apply(app);
	if (app->sockets == NULL)
		die(name, "%s", app->denied.text);
	int error = app->loop == NULL ? rp_loop_new(&app->loop) : 0;
	if (error < 0)
		app_die(app, error, NULL);
	error = rp_session_open(&app->session, app->loop, app->sockets, &app->config,
				&(struct rp_listener){app_event, app}, &why);
	if (error < 0)
		app_die(app, error, &why);

	/* What programs read is the same where rping was given another name. */
	app->run.tool = strcmp(name, RPING_NAME) == 0 ? "rping" : name;
	app->run.command = app->command.failed ? NULL : app->command.text;
	app->results.config = &app->config;
	app->results.grid = rp_targets_asked(app->targets);
	app->run.probe = app->config.probe == RP_PROBE_TCP_SYN ? "tcp-syn" : "icmp-echo";
	app->run.ports = app->config.probe == RP_PROBE_TCP_SYN;
	app->run.scan = app->config.plan == RP_PLAN_SCAN;
	app->run.plan = app->run.scan ? "scan" : "series";
	app->run.source = rp_session_source(app->session, 0);
	app->run.path = rp_session_path(app->session);
	/* Stamps that never come are not waited for. */
	if (app_report_notes(app) & RP_NOTE_NO_ARRIVAL_STAMPS)
		app->clocks.stamping = true;
	app->results.stats = app_stats;
	app->results.port_stats = app_port_stats;
	app->results.user = app;
	app->run.started = rp_session_time(app->session);
	error = signals_catch(app);
	if (error < 0)
		die(name, "%s", strerror(-error));
	outputs_start(&app->outputs, &app->run, &app->results, rp_targets_merged(app->targets));
	rows_report_bad(app->targets, app->run.started, app_bad_event, app);
}

/* From here on nothing is opened or started. Local time wants a file, at its first use. */
static void app_seal(const struct app *app)
{
	if (app->run.timestamps == OUT_TIMESTAMPS_ISO || app->config.plan == RP_PLAN_SCAN)
		tzset();
	int error = rp_sandbox();
	if (error < 0 && error != -ENOSYS)
		die(app->about->name, "cannot close the system-call filter: %s", strerror(-error));
	if (error < 0 && app->run.verbose > 0)
		warn(app->about->name, HAVE_SECCOMP
					       ? "this kernel refuses system-call filters: every call stays allowed"
					       : "this build has no system-call filter: every call stays allowed");
}

void app_run(struct app *app)
{
	app_begin(app);
	int received = 0, error = interim_begin(app);

	if (app->interrupted)
		rp_session_stop(app->session);
	if (error == 0)
		app_seal(app);
	if (error == 0 && (app->outputs.alive > 0 || app->outputs.count == 0))
		received = rp_loop_run(app->loop);
	if (error < 0)
		die(app->about->name, "%s", strerror(-error));
	outputs_close(&app->outputs);
	rp_resolver_close(app->names); /* a process, which nobody else waits for */
	app->names = NULL;
	if (received < 0)
		die(app->about->name, "cannot receive packets or signals: %s", strerror(-received));
	if (app->ended_by != 0)
		signals_end_by(app->ended_by);
	if (app->outputs.failed)
		exit(EXIT_USAGE);
	if (app->outputs.pipe_closed && signals_are(SIGPIPE, SIG_DFL))
		signals_end_by(SIGPIPE);
	if (app->outputs.pipe_closed)
		die(app->about->name, "cannot write the output: %s", strerror(EPIPE));
}
