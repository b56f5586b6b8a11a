/* SPDX-License-Identifier: MIT */
/*
 * What is asked of a run: "loss<=1%,p95<=20ms". Conditions with commas between them; each is a measure, one of
 * < <= > >= =, and a value in the measure's unit.
 */
#ifndef APP_REQUIRE_H
#define APP_REQUIRE_H

#include <rprobe/rprobe.h>

#include "base/strbuf.h"

/* 0, or -1 with the reason in `why`. */
int require_check(const char *text, char *why, size_t size);

/* Whether every condition of a checked text holds. Adds the verdict to `verdict`, each condition with what was
 * measured: one line of words, or of JSON with the time `wall`. */
bool require_judge(const char *text, const struct rp_stats *stats, bool json, int64_t wall, struct strbuf *verdict);

#endif
