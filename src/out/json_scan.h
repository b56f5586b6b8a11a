/* SPDX-License-Identifier: MIT */
/*
 * The lines of a scan's hosts in JSON. A line says what became of a host's ports and probes, and is the last about it:
 * so it is held back for some seconds, in which a late answer may still change a port, or to the end of the run. What
 * comes later is counted for the run, and no line is about it.
 */
#ifndef OUT_JSON_SCAN_H
#define OUT_JSON_SCAN_H

#include "out/out.h"

struct json_hosts;

/* 0 or -ENOMEM. The run is borrowed. */
int json_scan_open(struct json_hosts **hosts, const struct out_run *run);
void json_scan_close(struct json_hosts *hosts);

/* Keeps what the event says of its host. False: the host's line has been written, so that the event has none. Out of
 * memory makes `text` fail. */
bool json_scan_event(struct json_hosts *hosts, const struct rp_event *event, struct strbuf *text);

/* Writes the lines that are due, after the event's own; at the end of the run those that are left. */
void json_scan_write(struct json_hosts *hosts, const struct rp_event *event, struct strbuf *text);
void json_scan_finish(struct json_hosts *hosts, int64_t wall, struct strbuf *text);

#endif
