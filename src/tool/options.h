/* SPDX-License-Identifier: MIT */
/*
 * The options that mean the same in both tools: how long a run is, how a series is told and judged, how packets are looked
 * into. Their table entries stand in options_*.inc, which each tool's table includes; only those of count, timeout and deadline
 * stand in each table, in words of its own.
 */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rprobe/packet.h>

#include "base/choice.h"
#include "base/strbuf.h"

enum tool_clock {
	TOOL_CLOCK_AUTO,
	TOOL_CLOCK_HARDWARE,
	TOOL_CLOCK_KERNEL,
	TOOL_CLOCK_USER,
};

enum tool_timestamps {
	TOOL_TIMESTAMPS_NONE,
	TOOL_TIMESTAMPS_EPOCH,
	TOOL_TIMESTAMPS_ISO,
};

#define TOOL_TIMEOUT_AUTO INT64_C(-1)

enum tool_format {
	TOOL_FORMAT_NONE, /* none asked for: text on stdout, unless an output goes there by name */
	TOOL_FORMAT_TEXT,
	TOOL_FORMAT_JSON,
	TOOL_FORMAT_CSV,
	TOOL_FORMAT_XML,
	TOOL_FORMAT_GREPPABLE,
};

#define TOOL_FILES_MAX 8

/* One -oJ FILE. */
struct tool_file {
	enum tool_format format;
	const char *path;
};

/* The first member of a tool's options, so that what parses an option finds it there. */
struct tool_options {
	int64_t count;    /* probes of a series to each target and port; 0: it has no end; below: no series */
	int64_t timeout;  /* ns; 0: for ever; TOOL_TIMEOUT_AUTO: iputils' waiting rule */
	int64_t deadline; /* ns; 0: none */

	int clock;      /* enum tool_clock */
	int timestamps; /* enum tool_timestamps */
	bool breakdown;
	bool percentiles;
	bool outages;
	bool changes;
	bool report_outstanding;
	struct strbuf require; /* every --require, with commas between; no text: nothing; owned, to the end of the process */
	int64_t resolve_every; /* ns; 0: never */

	unsigned verbose;
	bool hexdump;
	int decode; /* enum out_decode */
	bool numeric;
	int64_t stats_every; /* ns; 0: never */
	bool quiet;
	int format; /* enum tool_format: of stdout */
	struct tool_file files[TOOL_FILES_MAX];
	unsigned file_count;

	bool ipv4;
	bool ipv6;
	struct rp_addr source; /* RP_FAMILY_NONE: the kernel's choice */
	const char *interface; /* NULL: the kernel's choice; both may be given */
	bool any_source;       /* the source was named as 0.0.0.0 */
	uint8_t type_of_service;
};

extern const struct choice tool_clocks[];
extern const struct choice tool_details[];
extern const struct choice tool_dscps[];    /* names of classes of service, and their values */
extern const struct choice tool_measures[]; /* of --require */
extern const struct choice tool_never[];    /* "0" */
extern const struct choice tool_timeouts[]; /* "auto" */
extern const struct choice tool_timestamp_forms[];

/* What parses an option that both have: -1 with the reason. */
int tool_call_csv(void *options, const char *argument, char *why, size_t size);
int tool_call_csv_file(void *options, const char *argument, char *why, size_t size);
int tool_call_interface(void *options, const char *argument, char *why, size_t size);
int tool_call_json(void *options, const char *argument, char *why, size_t size);
int tool_call_json_file(void *options, const char *argument, char *why, size_t size);
int tool_call_require(void *options, const char *argument, char *why, size_t size); /* adds to those given before */
int tool_call_source(void *options, const char *argument, char *why, size_t size);
int tool_call_text_file(void *options, const char *argument, char *why, size_t size);
int tool_call_timestamps(void *options, const char *argument, char *why, size_t size); /* -D */
int tool_call_tos(void *options, const char *argument, char *why, size_t size);
int tool_call_user_clock(void *options, const char *argument, char *why, size_t size);

/* The same for a file of any format. */
int tool_add_file(void *options, enum tool_format format, const char *path, char *why, size_t size);

#endif
