/* SPDX-License-Identifier: MIT */
/* What the table entries of both tools refer to: words that an argument may be. */
#include "tool/options.h"

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
