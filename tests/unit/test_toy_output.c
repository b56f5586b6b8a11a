/* SPDX-License-Identifier: MIT */
/* An output that no table names is handed to the outputs of a run: what it is given, and that it is all it needs. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#include "app/outputs.h"
#include "out/scan_table.h"

struct toy_switches {
	char mark;
};

struct out {
	const struct out_run *run;
	unsigned answers;
};

static void toy_event(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	const struct toy_switches *own = out->run->own;

	out->answers += event->kind == RP_EVENT_PORT && event->state == RP_STATE_OPEN;
	strbuf_addf(text, "%c%d\n", own->mark, event->kind);
}

static void toy_scan(struct out *out, const struct scan_news *news, struct strbuf *text)
{
	if (news->kind == SCAN_HOST)
		strbuf_addf(text, "host %u: %u of %u open, %u suspect\n", news->target,
			    news->view->totals[RP_STATE_OPEN], news->view->asked, news->host->suspects);
	if (news->kind == SCAN_REVISION)
		strbuf_addf(text, "port %u after all\n", news->event->port);
	out->answers += news->kind == SCAN_REVISION;
}

static void toy_finish(struct out *out, struct strbuf *text)
{
	struct rp_stats stats;

	out->run->results->stats(out->run->results->user, RP_ALL_TARGETS, &stats);
	strbuf_addf(text, "%s: %u open, %u sent\n", out->run->tool, out->answers, (unsigned)stats.sent);
}

static const struct out_type toy = {
	.name = "toy", .size = sizeof(struct out), .event = toy_event, .scan = toy_scan, .finish = toy_finish};
/* Another that asks for nothing but the end. */
static const struct out_type shy = {.name = "shy", .size = sizeof(struct out), .finish = toy_finish};

static void count(void *user, uint32_t target, struct rp_stats *stats)
{
	(void)target;
	*stats = (struct rp_stats){.sent = *(const unsigned *)user};
}

static void assert_holds(const char *path, const char *expected)
{
	char text[256];
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	size_t length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	unlink(path);
	text[length] = '\0';
	assert_string_equal(text, expected);
}

TEST(an_output_is_handed_in)
{
	char paths[2][32] = {"/var/tmp/toy-XXXXXX", "/var/tmp/toy-XXXXXX"};
	struct outputs outputs = {.tool = "test"};
	struct rp_config config;
	struct rp_targets *targets;
	struct rp_ports *ports;
	unsigned sent = 7;
	const struct toy_switches switches = {'#'};
	struct out_results results = {.config = &config, .stats = count, .user = &sent};
	const struct out_run run = {.tool = "toys", .scan = true};
	struct rp_event event = {.address = rp_addr_ipv4(0x7f000001),
				 .rtt = RP_TIME_NONE,
				 .state = RP_STATE_OPEN,
				 .reason = RP_REASON_SYN_ACK,
				 .port = 80};

	assert_int_equal(rp_targets_new(&targets), 0);
	assert_int_equal(rp_ports_parse(&ports, "80,81", NULL), 0);
	assert_int_equal(rp_targets_set_ports(targets, ports), 0);
	assert_int_equal(rp_targets_add_numeric(targets, "127.0.0.1", NULL), 0);
	results.grid = rp_targets_asked(targets);
	rp_config_init(&config, sizeof config, RP_PROBE_TCP_SYN);
	config.targets = targets;
	for (unsigned i = 0; i < 2; i++) {
		close(mkstemp(paths[i]));
		outputs_add(&outputs, i == 0 ? &toy : &shy, paths[i], &switches);
	}
	outputs_start(&outputs, &run, &results, rp_targets_merged(targets));
	static const enum rp_event_kind kinds[] = {RP_EVENT_PORT, RP_EVENT_SUSPECT, RP_EVENT_HOST, RP_EVENT_PORT,
						   RP_EVENT_DONE};
	for (size_t i = 0; i < LENGTH_OF(kinds); i++) {
		event.kind = kinds[i];
		event.port = i == 3 ? 81 : 80;
		outputs_event(&outputs, &event, false);
	}
	outputs_close(&outputs);
	rp_ports_free(ports);
	rp_targets_free(targets);

	char expected[256];
	snprintf(expected, sizeof expected,
		 "#%d\n#%d\nhost 0: 1 of 2 open, 1 suspect\n#%d\nport 81 after all\n#%d\n#%d\ntoys: 3 open, 7 sent\n",
		 RP_EVENT_PORT, RP_EVENT_SUSPECT, RP_EVENT_HOST, RP_EVENT_PORT, RP_EVENT_DONE);
	assert_holds(paths[0], expected);
	assert_holds(paths[1], "toys: 0 open, 7 sent\n");
}
