/* SPDX-License-Identifier: MIT */
/* What the table entries of both tools refer to: words that an argument may be, and options without one. */
#include "tool/options.h"

#include <stdio.h>

#include "out/out.h"

const struct choice tool_clocks[] = {{"auto", TOOL_CLOCK_AUTO},
				     {"hardware", TOOL_CLOCK_HARDWARE},
				     {"kernel", TOOL_CLOCK_KERNEL},
				     {"user", TOOL_CLOCK_USER},
				     {NULL, 0}};
const struct choice tool_details[] = {{"brief", OUT_DECODE_BRIEF}, {"full", OUT_DECODE_FULL}, {NULL, 0}};
const struct choice tool_never[] = {{"0", 0}, {NULL, 0}};
const struct choice tool_timeouts[] = {{"auto", (int)TOOL_TIMEOUT_AUTO}, {NULL, 0}};
const struct choice tool_timestamp_forms[] = {
	{"none", TOOL_TIMESTAMPS_NONE}, {"epoch", TOOL_TIMESTAMPS_EPOCH}, {"iso", TOOL_TIMESTAMPS_ISO}, {NULL, 0}};

int tool_call_require(void *options, const char *argument, char *why, size_t size)
{
	struct strbuf *require = &((struct tool_options *)options)->require;

	if (*argument == '\0') {
		snprintf(why, size, "a condition is needed, as loss<=1%%");
		return -1;
	}
	if (require->length > 0)
		strbuf_add_char(require, ',');
	strbuf_add(require, argument);
	return 0;
}

int tool_call_timestamps(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct tool_options *)options)->timestamps = TOOL_TIMESTAMPS_EPOCH;
	return 0;
}

int tool_call_user_clock(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct tool_options *)options)->clock = TOOL_CLOCK_USER;
	return 0;
}
