/* SPDX-License-Identifier: MIT */
/* Packets below the lines of their events, for -x and --decode. */
#ifndef APP_PACKETS_H
#define APP_PACKETS_H

#include "out/out.h"

/* Adds the event's packet as the run asks for it, or nothing. */
void packets_add(struct strbuf *text, const struct out_run *run, const struct rp_event *event);

#endif
