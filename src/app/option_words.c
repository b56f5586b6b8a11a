/* SPDX-License-Identifier: MIT */
/* What the table entries of both tools refer to: words that an argument may be. */
#include "app/options.h"

#include "out/out.h"

const struct choice app_clocks[] = {{"auto", APP_CLOCK_AUTO},
				    {"hardware", APP_CLOCK_HARDWARE},
				    {"kernel", APP_CLOCK_KERNEL},
				    {"user", APP_CLOCK_USER},
				    {NULL, 0}};
const struct choice app_details[] = {{"brief", OUT_DECODE_BRIEF}, {"full", OUT_DECODE_FULL}, {NULL, 0}};
/* RFC 2474 (CS), 2597 (AF), 3246 (EF), 5865 (VA), 8622 (LE). */
const struct choice app_dscps[] = {{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},  {"cs5", 40},
				   {"cs6", 48},  {"cs7", 56},  {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18},
				   {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28}, {"af33", 30}, {"af41", 34},
				   {"af42", 36}, {"af43", 38}, {"ef", 46},   {"va", 44},   {"le", 1},    {NULL, 0}};
const struct choice app_measures[] = {
	{"loss", 0}, {"min", 0},        {"avg", 0},    {"max", 0},    {"mdev", 0},      {"jitter", 0},   {"p50", 0},
	{"p90", 0},  {"p95", 0},        {"p99", 0},    {"p99.9", 0},  {"sent", 0},      {"received", 0}, {"lost", 0},
	{"late", 0}, {"duplicates", 0}, {"errors", 0}, {"unsent", 0}, {"reordered", 0}, {"outages", 0},  {NULL, 0}};
const struct choice app_never[] = {{"0", 0}, {NULL, 0}};
const struct choice app_timeouts[] = {{"auto", (int)APP_TIMEOUT_AUTO}, {NULL, 0}};
const struct choice app_timestamp_forms[] = {
	{"none", APP_TIMESTAMPS_NONE}, {"epoch", APP_TIMESTAMPS_EPOCH}, {"iso", APP_TIMESTAMPS_ISO}, {NULL, 0}};
