/* SPDX-License-Identifier: MIT */
/*
 * The options that mean the same in both tools: how a series is told and judged, and how packets are looked into.
 * Their entries stand in options_series.inc and options_look.inc, which each tool's table includes.
 */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/choice.h"

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

/* The first member of a tool's options, so that what parses an option finds it there. */
struct tool_options {
	int clock;      /* enum tool_clock */
	int timestamps; /* enum tool_timestamps */
	bool breakdown;
	bool percentiles;
	bool outages;
	bool changes;
	bool report_outstanding;
	const char *require;   /* NULL: nothing */
	int64_t resolve_every; /* ns; 0: never */

	unsigned verbose;
	bool hexdump;
	int decode; /* enum out_decode */
	bool numeric;
};

extern const struct choice tool_clocks[];
extern const struct choice tool_details[];
extern const struct choice tool_never[]; /* "0" */
extern const struct choice tool_timestamp_forms[];

/* -D, as --timestamps=epoch; and the user's clock, as --clock user. */
int tool_call_timestamps(void *options, const char *argument, char *why, size_t size);
int tool_call_user_clock(void *options, const char *argument, char *why, size_t size);

#endif
