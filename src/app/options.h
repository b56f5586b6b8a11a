/* SPDX-License-Identifier: MIT */
/*
 * The options that mean the same in both tools: how long a run is, how a series is told and judged, how packets are looked
 * into. Their table entries stand in options_*.inc, which each tool's table includes; only those of count, timeout and deadline
 * stand in each table, in words of its own.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rprobe/packet.h>

#include "base/choice.h"
#include "base/strbuf.h"

enum app_clock {
	APP_CLOCK_AUTO,
	APP_CLOCK_HARDWARE,
	APP_CLOCK_KERNEL,
	APP_CLOCK_USER,
};

enum app_timestamps {
	APP_TIMESTAMPS_NONE,
	APP_TIMESTAMPS_EPOCH,
	APP_TIMESTAMPS_ISO,
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
	int64_t count;    /* probes of a series to each target and port; 0: it has no end; below: no series */
	int64_t timeout;  /* ns; 0: for ever; APP_TIMEOUT_AUTO: iputils' waiting rule */
	int64_t deadline; /* ns; 0: none */

	int clock;      /* enum app_clock */
	int timestamps; /* enum app_timestamps */
	bool breakdown;
	bool percentiles;
	bool outages;
	bool changes;
	bool report_outstanding;
	struct strbuf
		require; /* every --require, with commas between; no text: nothing; owned, to the end of the process */
	int64_t resolve_every; /* ns; 0: never */

	unsigned verbose;
	bool hexdump;
	int decode; /* enum out_decode */
	bool numeric;
	int64_t stats_every; /* ns; 0: never */
	bool quiet;
	int format; /* enum app_format: of stdout */
	struct app_file files[APP_FILES_MAX];
	unsigned file_count;

	bool ipv4;
	bool ipv6;
	struct rp_addr source; /* RP_FAMILY_NONE: the kernel's choice */
	const char *interface; /* NULL: the kernel's choice; both may be given */
	bool any_source;       /* the source was named as 0.0.0.0 */
	uint8_t type_of_service;
};

extern const struct choice app_clocks[];
extern const struct choice app_details[];
extern const struct choice app_dscps[];    /* names of classes of service, and their values */
extern const struct choice app_measures[]; /* of --require */
extern const struct choice app_never[];    /* "0" */
extern const struct choice app_timeouts[]; /* "auto" */
extern const struct choice app_timestamp_forms[];

/* What parses an option that both have: -1 with the reason. */
int app_call_csv(void *options, const char *argument, char *why, size_t size);
int app_call_csv_file(void *options, const char *argument, char *why, size_t size);
int app_call_interface(void *options, const char *argument, char *why, size_t size);
int app_call_json(void *options, const char *argument, char *why, size_t size);
int app_call_json_file(void *options, const char *argument, char *why, size_t size);
int app_call_require(void *options, const char *argument, char *why, size_t size); /* adds to those given before */
int app_call_source(void *options, const char *argument, char *why, size_t size);
int app_call_text_file(void *options, const char *argument, char *why, size_t size);
int app_call_timestamps(void *options, const char *argument, char *why, size_t size); /* -D */
int app_call_tos(void *options, const char *argument, char *why, size_t size);
int app_call_user_clock(void *options, const char *argument, char *why, size_t size);

/* The same for a file of any format. */
int app_add_file(void *options, enum app_format format, const char *path, char *why, size_t size);

#endif
