/* SPDX-License-Identifier: MIT */
/* `golden SCENARIO` feeds a fixed sequence of hand-made events to an output and prints the bytes. */
#include "scene.h"

/* ---- JSON and CSV of a series ---- */

/* Everything that can happen to a probe. */
static void play_series(struct scene *scene, const char *output)
{
	struct rp_event event;

	scene->config.count = 4;
	begin(scene, output);
	tell_bare(scene, RP_EVENT_SENT, 1);
	event = reply(scene, RP_EVENT_REPLY, 65537, 112001);
	event.held = 2500;
	event.woken = 40000;
	event.clock = RP_CLOCK_USER;
	tell(scene, &event);
	tell_reply(scene, RP_EVENT_DUPLICATE, 65537, 1 * MS);
	tell_reply(scene, RP_EVENT_LATE, 2, 1500 * MS);
	tell_reply(scene, RP_EVENT_REPLY, 3, RP_TIME_NONE);
	tell_changed(scene, 4, "address");
	tell_changed(scene, 5, "data");
	tell_changed(scene, 6, "cookie");
	event = icmp_error(scene, 7, RP_ICMP_DESTINATION_UNREACHABLE, 4);
	tell(scene, &event);
	tell_bare(scene, RP_EVENT_OVERDUE, 8);
	tell_bare(scene, RP_EVENT_TIMEOUT, 8);
	tell_outage(scene, 0, RP_OUTAGE_BEGINS, 8, 8, 8);
	event = happens(scene, RP_EVENT_UNSENT, 9);
	event.error = EPERM;
	tell(scene, &event);
	tell_moved(scene, addr(9));
	scene->ledger[0] = (struct rp_stats){.sent = 8,
					     .received = 4,
					     .lost = 3,
					     .late = 1,
					     .unsent = 1,
					     .duplicates = 1,
					     .errors = 1,
					     .suspect = 1};
	set_rtt(&scene->ledger[0], 112001, 1 * MS, 1500 * MS, 8 * MS);
	scene->ledger[0].altered = 1;
	scene->ledger[0].jitter = 250;
	scene->ledger[0].held = (struct rp_mean){2500, 1000 * MS};
	scene->ledger[0].woken = (struct rp_mean){RP_TIME_NONE, RP_TIME_NONE};
	scene->ledger[0].lag = (struct rp_mean){1000, 5000};
	scene->ledger[0].outages = 2;
	scene->ledger[0].longest = (struct rp_outage){.first = 4, .last = 6, .start = 4 * MS, .end = 6 * MS};
	scene->ledger[0].detailed = true;
	scene->ledger[0].rtt_p50 = 1 * MS;
	scene->ledger[0].rtt_p90 = 2 * MS;
	scene->ledger[0].rtt_p95 = 3 * MS;
	scene->ledger[0].rtt_p99 = 4 * MS;
	scene->ledger[0].rtt_p999 = 1500 * MS;
	scene->ledger[0].reordered = 1;
	scene->ledger[0].reorder_extent = 3;
	scene->ledger[0].recent = (struct rp_window){7, 3, 1 * MS, 2 * MS, 3 * MS};
	*total(scene) = scene->ledger[0];
	tell_outage(scene, 0, RP_OUTAGE_GOES_ON, 8, 8, 10);
	event = ended(scene, 10, RP_END_ERROR);
	event.error = ENETDOWN;
	tell(scene, &event);
}

static void json_ping(struct scene *scene)
{
	play_series(scene, "json");
}

static void csv_ping(struct scene *scene)
{
	scene->targets.list[0] = (struct rp_target){addr(2), "a,\"b\"", "x"};
	play_series(scene, "csv");
}

static void csv_syn(struct scene *scene)
{
	struct rp_event event;

	syn_base(scene);
	begin(scene, "csv");
	event = tcp_answer(scene, RP_EVENT_REPLY, RP_STATE_OPEN, RP_REASON_SYN_ACK);
	tell(scene, &event);
	event = tcp_answer(scene, RP_EVENT_REPLY, RP_STATE_CLOSED, RP_REASON_RESET);
	tell(scene, &event);
	event = happens(scene, RP_EVENT_TIMEOUT, 3);
	event.port = 443;
	tell(scene, &event);
	tell_done(scene, RP_END_COMPLETE);
}

static void json_silent(struct scene *scene)
{
	scene->run.quiet = true;
	scene->targets.list[0] = (struct rp_target){addr(2), "a\"b\\\n\xff", "x"};
	begin(scene, "json");
	tell_bare(scene, RP_EVENT_TIMEOUT, 1);
	scene->ledger[0].sent = scene->ledger[0].lost = 1;
	*total(scene) = scene->ledger[0];
	tell_done(scene, RP_END_DEADLINE);
}

static void json_scan(struct scene *scene)
{
	scan_one(scene, "json");
}

/* ---- sentences ---- */

static void sentences(struct scene *scene)
{
	static const int errors[] = {EPERM,  ENETUNREACH, EHOSTUNREACH, ENETDOWN, EMSGSIZE, ENOBUFS,
				     EACCES, EINVAL,      ENODEV,       ENXIO,    EIO};
	struct rp_event event = happens(scene, RP_EVENT_UNSENT, 7);

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		event.error = errors[i];
		out_unsent_text(&scene->text, &event, &scene->config);
		strbuf_add_char(&scene->text, '\n');
	}
	syn_base(scene);
	event = happens(scene, RP_EVENT_UNSENT, 0);
	event.port = 443;
	event.error = EPERM;
	out_unsent_text(&scene->text, &event, &scene->config);
	strbuf_add_char(&scene->text, '\n');
	fwrite(scene->text.text, 1, scene->text.length, stdout);
	strbuf_fini(&scene->text);
}

static void words(struct scene *scene)
{
	(void)scene;
	for (int i = 0; i <= RP_STATE_FILTERED + 1; i++)
		printf("%s ", rp_state_name((enum rp_state)i));
	puts("");
	for (int i = 0; i <= RP_REASON_SEND_FAILED + 1; i++)
		printf("%s ", rp_reason_name((enum rp_reason)i));
	puts("");
	for (int i = 0; i <= RP_SUSPECT_FORGOTTEN + 1; i++)
		printf("%s ", rp_suspicion_name((enum rp_suspicion)i));
	puts("");
	for (unsigned i = 1; i <= RP_REMARK_SHORT_ACK * 2; i *= 2)
		printf("%s ", rp_remark_name((enum rp_remark)i));
	puts("");
	for (unsigned i = 1; i <= RP_FINDING_MIXED_TTLS * 2; i *= 2)
		printf("%s ", rp_finding_name((enum rp_finding)i));
	puts("");
	for (int i = 0; i <= RP_CLOCK_USER + 1; i++)
		printf("%s ", rp_clock_name((enum rp_clock)i));
	puts("");
	for (int i = 0; i <= RP_END_ERRORS + 1; i++)
		printf("%s ", rp_end_name((enum rp_end)i));
	puts("");
}

static const struct {
	const char *name;
	void (*play)(struct scene *scene);
} scenarios[] = {
	{"ping-plain", ping_plain},
	{"ping-options", ping_options},
	{"ping-hostile", ping_hostile},
	{"ping-odd", ping_odd},
	{"ping-errors", ping_errors},
	{"ping-quoted", ping_quoted},
	{"ping-silent", ping_silent},
	{"ping-unsent", ping_unsent},
	{"ping-flood", ping_flood},
	{"ping-watched", ping_watched},
	{"ping-breakdown", ping_breakdown},
	{"ping-many", ping_many},
	{"ping-moved", ping_moved},
	{"ping-quiet", ping_quiet},
	{"syn-series", syn_series},
	{"syn-many", syn_many},
	{"scan-plain", scan_plain},
	{"scan-folded", scan_folded},
	{"scan-cut", scan_cut},
	{"scan-open", scan_open},
	{"json-ping", json_ping},
	{"json-silent", json_silent},
	{"json-scan", json_scan},
	{"scan-verbose", scan_verbose},
	{"scan-color", scan_color},
	{"scan-evidence", scan_evidence},
	{"xml-evidence", xml_evidence},
	{"xml-evidence-strict", xml_evidence_strict},
	{"csv-evidence", csv_evidence},
	{"greppable-evidence", greppable_evidence},
	{"json-many", json_many},
	{"json-evidence", json_evidence},
	{"xml-plain", xml_plain},
	{"xml-strict", xml_strict},
	{"xml-folded", xml_folded},
	{"xml-cut", xml_cut},
	{"xml-nothing", xml_nothing},
	{"greppable-plain", greppable_plain},
	{"greppable-folded", greppable_folded},
	{"greppable-cut", greppable_cut},
	{"greppable-nothing", greppable_nothing},
	{"csv-scan", csv_scan},
	{"csv-cut", csv_cut},
	{"csv-nothing", csv_nothing},
	{"csv-ping", csv_ping},
	{"csv-syn", csv_syn},
	{"sentences", sentences},
	{"words", words},
};

int main(int argc, char **argv)
{
	static struct scene scene;

	setenv("TZ", "UTC0", 1);
	for (size_t i = 0; argc == 2 && i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (strcmp(argv[1], scenarios[i].name) == 0) {
			scene_init(&scene);
			scenarios[i].play(&scene);
			if (scene.out)
				finish(&scene);
			return 0;
		}
	fprintf(stderr, "usage: golden SCENARIO\n");
	return 2;
}
