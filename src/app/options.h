/* SPDX-License-Identifier: MIT */
/*
 * The options that mean the same in both tools: how long a run is, how a series is reported and judged, how packets are
 * shown. Each tool's groups name the arrays of entries that both have.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rprobe/config.h>

#include "base/strbuf.h"
#include "opt/opt.h"
#include "out/ping.h"

enum app_clock {
	APP_CLOCK_AUTO,
	APP_CLOCK_HARDWARE,
	APP_CLOCK_KERNEL,
	APP_CLOCK_USER,
};

#define APP_TIMEOUT_AUTO INT64_C(-1)

enum app_format {
	APP_FORMAT_NONE, /* none asked for: text on stdout, unless an output goes there by name */
	APP_FORMAT_TEXT,
	APP_FORMAT_JSON,
	APP_FORMAT_CSV,
	APP_FORMAT_XML,
	APP_FORMAT_GREPPABLE,
};

#define APP_FILES_MAX 8

/* One -oJ FILE. */
struct app_file {
	enum app_format format;
	const char *path;
};

/* The first member of a tool's options, so that what parses an option finds it there. */
struct app_options {
	struct rp_config config; /* what is a field of these three is stored there */
	struct out_run run;
	struct ping_switches ping;

	int64_t count;    /* probes of a series to each target and port; 0: it has no end; below: no series */
	int64_t timeout;  /* ns; 0: for ever; APP_TIMEOUT_AUTO: iputils' waiting rule */
	int64_t deadline; /* ns; 0: none */
	int clock;        /* enum app_clock */
	bool report_outstanding;
	struct strbuf
		require; /* all of --require, with commas between; no text: nothing; owned, to the end of the process */
	int64_t resolve_every; /* ns; 0: never */
	int64_t stats_every;   /* ns; 0: never */
	int format;            /* enum app_format: of stdout */
	struct app_file files[APP_FILES_MAX];
	unsigned file_count;
	bool ipv4;
	bool ipv6;
	bool any_source; /* the source was named as 0.0.0.0 */
};

extern const struct choice app_dscps[];    /* names of classes of service, and their values */
extern const struct choice app_never[];    /* "0" */
extern const struct choice app_timeouts[]; /* "auto" */

/* Entries of both tools' tables. */
extern const struct opt app_series_options[];
extern const struct opt app_require_options[];
extern const struct opt app_family_options[];
extern const struct opt app_look_options[];
extern const struct opt app_output_options[];
extern const struct opt app_help_options[];

/* What parses an argument of other entries. */
int app_call_file(struct opt_call *call); /* an output of the format `value` */
int app_call_interface(struct opt_call *call);
int app_call_source(struct opt_call *call);
int app_call_tos(struct opt_call *call);

#endif
