/* SPDX-License-Identifier: MIT */
/*
 * A scan as nmap's greppable lines: "Host: ADDRESS (NAME)" and tab-separated sections, each port as seven
 * fields with a slash behind each. What nmap leaves out is left out: reasons, times, and folded states
 * unless there is just one. Sections of our own come last, where there is something for them: Notes of ports, Suspect
 * answers, Findings about the host.
 *
 * A host is Up if it answered itself; nmap calls every host Up that it did not ping.
 */
#include <inttypes.h>

#include "out/scan_table.h"

struct out {
	const struct out_run *run;
};

static void greppable_start(struct out *out, struct strbuf *text)
{
	const struct out_run *run = out->run;
	const struct scan_table *table = run->results->scan;

	strbuf_addf(text, "# %s %s scan initiated ", run->tool, rp_version());
	scan_table_add_date(text, run->started.wall);
	if (run->command) {
		strbuf_add(text, " as: ");
		strbuf_add_escaped(text, run->command);
	}
	strbuf_add_char(text, '\n');
	if (!run->verbose)
		return;
	strbuf_addf(text, "# Ports scanned: TCP(%" PRIu32 ";", table->ports);
	scan_table_add_ports(table, text);
	strbuf_add(text, ") UDP(0;) SCTP(0;) PROTOCOLS(0;)\n");
}

static void add_name(const struct out *out, uint32_t index, struct strbuf *text)
{
	struct rp_target target = rp_targets_at(out->run->results->config->targets, index);
	char address[RP_ADDR_TEXT_SIZE];

	strbuf_addf(text, "Host: %s (", rp_addr_format(target.address, address));
	if (target.canonical && target.name)
		strbuf_add_escaped(text, target.name);
	strbuf_add(text, ")\t");
}

static void add_port(uint16_t port, enum rp_state state, struct strbuf *text)
{
	const char *service = rp_service_name(port);

	strbuf_addf(text, "%u/%s/tcp//%s///", port, rp_state_name(state), service ? service : "");
}

/* nmap names the ignored ports when they share one state, and says nothing when there are two. */
static void add_ignored(const struct scan_view *view, const char *before, struct strbuf *text)
{
	unsigned folded = 0, which = 0;

	for (unsigned state = 0; state < SCAN_STATES; state++) {
		folded += view->folded[state];
		which = view->folded[state] ? state : which;
	}
	if (folded == 1)
		strbuf_addf(text, "%sIgnored State: %s (%" PRIu32 ")", before, rp_state_name((enum rp_state)which),
			    view->totals[which]);
}

/* "22/late conflict", with what is to stand before. */
static const char *add_notes(uint16_t number, const struct scan_port *port, const char *before, struct strbuf *text)
{
	struct strbuf notes;

	strbuf_init(&notes);
	scan_table_add_notes(port, &notes);
	if (notes.length > 0) {
		strbuf_addf(text, "%s%u/%s", before, number, notes.text);
		before = ", ";
	}
	strbuf_fini(&notes);
	return before;
}

static void add_evidence(const struct scan_view *view, struct strbuf *text)
{
	const char *before = "\tNotes: ";

	for (uint32_t i = 0; i < view->asked; i++)
		before = add_notes(rp_ports_at(view->list, i), &view->ports[i], before, text);
	if (view->host->reason != RP_REASON_NONE)
		strbuf_addf(text, "\tReason: %s", rp_reason_name(view->host->reason));
	if (view->host->suspects)
		strbuf_addf(text, "\tSuspect: %" PRIu32, view->host->suspects);
	if (view->host->findings) {
		strbuf_add(text, "\tFindings: ");
		scan_table_add_findings(view->host, text);
	}
}

static void add_revision(struct out *out, const struct scan_news *news, struct strbuf *text)
{
	add_name(out, news->target, text);
	strbuf_add(text, "Ports: ");
	add_port(news->event->port, news->event->state, text);
	add_notes(news->event->port, news->port, "\tNotes: ", text);
	strbuf_add_char(text, '\n');
}

static void add_host(struct out *out, uint32_t index, const struct scan_view *view, struct strbuf *text)
{
	const char *before = "Ports: ";

	add_name(out, index, text);
	strbuf_addf(text, "Status: %s\n", view->answer ? "Up" : "Unknown");
	add_name(out, index, text);
	for (uint32_t i = 0; i < view->asked; i++) {
		if (!scan_table_is_row(view, &view->ports[i]))
			continue;
		strbuf_add(text, before);
		add_port(rp_ports_at(view->list, i), (enum rp_state)view->ports[i].state, text);
		before = ", ";
	}
	add_ignored(view, view->rows ? "\t" : "", text);
	add_evidence(view, text);
	strbuf_add_char(text, '\n');
}

static void greppable_scan(struct out *out, const struct scan_news *news, struct strbuf *text)
{
	if (news->kind == SCAN_HOST)
		add_host(out, news->target, news->view, text);
	else if (news->kind == SCAN_REVISION)
		add_revision(out, news, text);
}

static void greppable_finish(struct out *out, struct strbuf *text)
{
	const struct scan_table *table = out->run->results->scan;

	strbuf_addf(text, "# %s done at ", out->run->tool);
	scan_table_add_date(text, table->ended_wall);
	strbuf_add(text, " -- ");
	scan_table_add_summary(table, text);
	if (table->end != RP_END_COMPLETE)
		strbuf_addf(text, " (%s)", rp_end_name(table->end));
	strbuf_add_char(text, '\n');
}

const struct out_type out_greppable = {
	.name = "greppable",
	.size = sizeof(struct out),
	.start = greppable_start,
	.scan = greppable_scan,
	.finish = greppable_finish,
};
