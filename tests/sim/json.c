/* SPDX-License-Identifier: MIT */
/* The output is the tools' own, out/json, with the session's ledgers behind it. */
#include "json.h"

#include <stdio.h>

#include "out/out.h"

struct json {
	const struct run *run;
	struct out_run about;
	struct out_results results;
	struct out *out;
	struct strbuf text;
	FILE *file;
};

static void read_stats(void *user, uint32_t target, struct rp_stats *stats)
{
	session_stats(((const struct json *)user)->run->session, target, stats);
}

static void read_port_stats(void *user, uint32_t target, uint16_t port, struct rp_stats *stats)
{
	session_port_stats(((const struct json *)user)->run->session, target, port, stats);
}

static void write_out(struct json *json)
{
	assert_false(json->text.failed);
	assert_int_equal(fwrite(json->text.text, 1, json->text.length, json->file), json->text.length);
	strbuf_clear(&json->text);
}

struct json *json_open(const struct run *run)
{
	const char *path = getenv("SIM_JSON");
	bool tcp = run->config.probe == RP_PROBE_TCP_SYN;
	struct json *json;

	if (path == NULL)
		return NULL;
	json = calloc(1, sizeof *json);
	assert_non_null(json);
	json->run = run;
	json->about = (struct out_run){
		.path = "raw",
		.tool = tcp ? "rsyn" : "rping",
		.probe = tcp ? "tcp-syn" : "icmp-echo",
		.plan = run->config.plan == RP_PLAN_SCAN ? "scan" : "series",
		.ports = tcp,
		.scan = run->config.plan == RP_PLAN_SCAN,
		.verbose = run->seed % 2,
		.results = &json->results,
		.started = session_time(run->session, run->now),
	};
	json->results = (struct out_results){.config = &run->config,
					     .grid = rp_targets_asked(run->targets),
					     .stats = read_stats,
					     .port_stats = read_port_stats,
					     .user = json};
	json->file = fopen(path, "a");
	assert_non_null(json->file);
	strbuf_init(&json->text);
	assert_int_equal(out_new(&json->out, &out_json, &json->about), 0);
	out_json.start(json->out, &json->text);
	write_out(json);
	return json;
}

void json_event(struct json *json, const struct rp_event *event)
{
	if (json == NULL)
		return;
	out_json.event(json->out, event, &json->text);
	if (event->kind == RP_EVENT_DONE)
		out_json.finish(json->out, &json->text);
	if (json->text.length > 0)
		write_out(json);
}

void json_close(struct json *json)
{
	if (json == NULL)
		return;
	out_free(json->out, &out_json);
	strbuf_fini(&json->text);
	fclose(json->file);
	free(json);
}
