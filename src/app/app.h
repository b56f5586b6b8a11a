/* SPDX-License-Identifier: MIT */
/*
 * What both tools do alike: raw sockets first and privileges away, then one run of a config with its
 * outputs, ended by signals. A tool's main.c reads its options and judges the outcome.
 */
#ifndef APP_APP_H
#define APP_APP_H

#include <rprobe/rprobe.h>

#include "opt/opt.h"
#include "out/out.h"
#include "app/options.h"
#include "app/progress.h"
#include "app/rows.h"
#include "app/outputs.h"
#include "app/notices.h"

/* config.timed_rate where not each answer has a line of its own: the stamps cost a hundredth of a processor. */
#define APP_TIMED_RATE 10000

struct app {
	const struct opt_tool *about;
	struct rp_sockets *sockets; /* NULL when they could not be opened: `denied` says why */
	struct rp_error denied;
	struct rp_targets *targets;
	const struct rp_targets *excluded; /* borrowed: no name that is followed leads there; NULL: none are */
	struct rp_loop *loop;
	bool signals_caught; /* the loop takes them */
	bool interrupted;    /* by one of them */
	struct rp_session *session;
	struct rp_resolver *names; /* see app/names.h; NULL: none yet */
	struct followed *followed; /* that module's */
	struct outputs outputs;
	struct rp_timer *tick; /* of app/interim, as the next two; NULL: it has none */
	int64_t tick_every, tick_at;
	struct progress progress;
	struct strbuf text;
	struct strbuf command; /* as typed */
	int ended_by;          /* the signal that is to end the process after the run; 0: none */
	struct unsent unsent;

	/* To be filled in between app_parse() and app_run(). */
	struct rp_config config;
	struct out_run run;
	struct out_results results;
	struct ping_switches ping;
	bool colored;        /* states of a scan on stdout */
	const char *scanner; /* XML: what it says it was made by; NULL: the tool */
	bool verdict_shown;  /* the output on stdout has a line for what --require asks */
	const char *require;  /* see app/require.h, checked; NULL: nothing */
	int64_t stats_every;  /* the counters so far on stderr every so many ns; 0: never */
	uint32_t hosts_asked; /* scans: so many targets have ports to be probed ... */
	uint64_t ports_asked; /* ... and so many, of all together */
	bool progress_hidden; /* scans: no progress on a terminal either */
	struct clock_notice clocks;
	void (*event)(void *user, const struct rp_event *event); /* sees every event; may be NULL */
	void *event_user;
};

/* Opens the sockets and drops the privileges, whatever the command line may say. */
void app_open(struct app *app, const struct opt_tool *about, unsigned sockets);

/* Reads the command line; ends the process for --help, --version and mistakes. */
void app_parse(struct app *app, int argc, char **argv, void *options, const char **operands, int *count);

/* What the options of both tools mean for the config and the run. Ends the process on a mistake. */
void app_take_options(struct app *app, const struct app_options *options);

/* Adds the one target; other addresses of its name are reported. 0, or as of rp_targets_add() with the reason. */
int app_add_target(struct app *app, const char *text, struct rp_error *error);

/* An output besides: of that format, to a file or to stdout ("-"). Ends the process when it cannot be. */
void app_add_output(struct app *app, enum app_format format, const char *path);

/* Adds the outputs that the options name. */
void app_take_outputs(struct app *app, const struct app_options *options);

/* Runs the config to its end. Ends the process when it cannot begin, when an output could not be written (2, or as
 * SIGPIPE does), and after SIGTERM and SIGHUP, by these signals themselves: the outputs are complete by then. */
void app_run(struct app *app);

/* Whether the run met what --require asked of it. Where the output on stdout has no line for it, it goes to stderr. */
bool app_judge(struct app *app);

/* What stands in a text; where memory was out while it was made, that. */
const char *app_sentence(const struct strbuf *text);

/* Ends the process for an error, with what is known of it; where memory or descriptors are out, nothing else is to
 * blame. */
_Noreturn void app_die(const struct app *app, int error, const struct rp_error *why);

/* Right before the end of the process. */
void app_close(struct app *app);

#endif
