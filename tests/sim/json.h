/* SPDX-License-Identifier: MIT */
/*
 * With SIM_JSON=FILE in the environment every simulated run is written there as JSON Lines too, one after the other:
 * what no real network brings about soon meets the rules of the streams (json_streams.py).
 */
#ifndef TESTS_SIM_JSON_H
#define TESTS_SIM_JSON_H

#include "run.h"

struct json;

/* NULL where nobody wants it. The session is open, nothing has happened. */
struct json *json_open(const struct run *run);
void json_event(struct json *json, const struct rp_event *event);
void json_close(struct json *json);

#endif
