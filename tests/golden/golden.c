/* SPDX-License-Identifier: MIT */
/* `golden SCENARIO` plays a scene of hand-made events to an output and prints the bytes. */
#include "scene.h"

/* What XML must escape, and a terminal must not see. */
#define XML_COMMAND "rsyn -p 22,443 'a<b>&\"c' \033[2J"

static void sentences(struct scene *scene)
{
	static const int errors[] = {EPERM,  ENETUNREACH, EHOSTUNREACH, ENETDOWN, EMSGSIZE, ENOBUFS,
				     EACCES, EINVAL,      ENODEV,       ENXIO,    EFAULT};
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
}

static void words(struct scene *scene)
{
	(void)scene;
	for (int i = 0; i <= RP_STATE_FILTERED + 1; i++)
		printf("%s ", rp_state_name((enum rp_state)i));
	puts("");
	for (int i = 0; i <= RP_REASON_BAD_TARGET + 1; i++)
		printf("%s ", rp_reason_name((enum rp_reason)i));
	puts("");
	for (int i = 0; i <= RP_SUSPECT_FORGOTTEN + 1; i++)
		printf("%s ", rp_suspicion_name((enum rp_suspicion)i));
	puts("");
	for (unsigned i = 1; i <= RP_REMARK_UNTRANSLATED * 2; i *= 2)
		printf("%s ", rp_remark_name((enum rp_remark)i));
	puts("");
	for (unsigned i = 1; i <= RP_FINDING_BANNED * 2; i *= 2)
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
	const char *output;
	struct out_run run; /* what is otherwise than by default */
} scenarios[] = {
	{"ping-plain", ping_plain, "ping", {0}},
	{"ping-options", ping_options, "ping", {0}},
	{"ping-hostile", ping_hostile, "ping", {0}},
	{"ping-odd", ping_odd, "ping", {0}},
	{"ping-errors", ping_errors, "ping", {0}},
	{"ping-quoted", ping_quoted, "ping", {0}},
	{"ping-silent", ping_silent, "ping", {0}},
	{"ping-unsent", ping_unsent, "ping", {0}},
	{"ping-flood", ping_flood, "ping", {0}},
	{"ping-queued", ping_queued, "ping", {0}},
	{"ping-watched", ping_watched, "ping", {0}},
	{"ping-breakdown", ping_breakdown, "ping", {0}},
	{"ping-moved", ping_moved, "ping", {0}},
	{"ping-quiet", ping_quiet, "ping", {.quiet = true}},
	{"syn-series", syn_series, "ping", {0}},
	{"syn-many", syn_many, "ping", {0}},
	{"scan-plain", scan_plain, "scan", {0}},
	{"scan-open", scan_plain, "scan", {.only_open = true}},
	{"scan-verbose", scan_plain, "scan", {.verbose = 1}},
	{"scan-color", scan_plain, "scan", {.own = &(const bool){true}}},
	{"scan-folded", scan_folded, "scan", {0}},
	{"scan-cut", scan_cut, "scan", {0}},
	{"scan-evidence", scan_evidence, "scan", {0}},
	{"scan-none-open", scan_none_open, "scan", {.only_open = true}},
	{"scan-names", scan_names, "scan", {0}},
	{"json-names", scan_names, "json", {0}},
	{"csv-names", scan_names, "csv", {0}},
	{"xml-names", scan_names, "xml", {.own = "nmap"}},
	{"greppable-names", scan_names, "greppable", {0}},
	{"json-ping", ping_everything, "json", {0}},
	{"json-silent", ping_one_lost, "json", {.quiet = true}},
	{"json-many", syn_many, "json", {0}},
	{"json-scan", scan_plain, "json", {0}},
	{"json-evidence", scan_evidence, "json", {0}},
	{"json-held", scan_held, "json", {0}},
	{"csv-ping", ping_everything_quoted, "csv", {0}},
	{"csv-syn", syn_open_closed_silent, "csv", {0}},
	{"csv-scan", scan_plain, "csv", {0}},
	{"csv-cut", scan_cut, "csv", {0}},
	{"csv-nothing", scan_nothing, "csv", {0}},
	{"csv-evidence", scan_evidence, "csv", {0}},
	{"xml-plain", scan_plain, "xml", {.command = XML_COMMAND}},
	{"xml-strict", scan_plain, "xml", {.command = XML_COMMAND, .own = "nmap"}},
	{"xml-folded", scan_folded, "xml", {.own = "nmap"}},
	{"xml-cut", scan_cut, "xml", {.own = "nmap"}},
	{"xml-nothing", scan_nothing, "xml", {.own = "nmap"}},
	{"xml-evidence", scan_evidence, "xml", {0}},
	{"xml-evidence-strict", scan_evidence, "xml", {.own = "nmap"}},
	{"greppable-plain", scan_plain, "greppable", {.command = "rsyn -p 22,443 \n\033[2J"}},
	{"greppable-folded", scan_folded, "greppable", {0}},
	{"greppable-cut", scan_cut, "greppable", {.verbose = 1}},
	{"greppable-nothing", scan_nothing, "greppable", {0}},
	{"greppable-evidence", scan_evidence, "greppable", {0}},
	{"sentences", sentences, NULL, {0}},
	{"words", words, NULL, {0}},
};

int main(int argc, char **argv)
{
	static struct scene scene;

	setenv("TZ", "UTC0", 1);
	for (size_t i = 0; argc == 2 && i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (strcmp(argv[1], scenarios[i].name) == 0) {
			scene_init(&scene, scenarios[i].output, &scenarios[i].run);
			scenarios[i].play(&scene);
			finish(&scene);
			return 0;
		}
	fprintf(stderr, "usage: golden SCENARIO\n");
	return 2;
}
