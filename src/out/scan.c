/* SPDX-License-Identifier: MIT */
/*
 * A scan as text: for each host a table of ports in ascending order and a verdict of one line. States,
 * reasons and the folding of states that many ports share are nmap's.
 *
 * A host is printed when its last port is decided. Of hosts that an interrupted run leaves unfinished it is
 * printed what was decided; those without any are counted, and named where the hosts are few.
 */
#include <inttypes.h>

#include "base/ns.h"
#include "out/scan_table.h"
#include "out/report.h"

struct out {
	const struct out_run *run;
	bool any_printed;
};

static void add_folded(const struct scan_view *view, struct strbuf *text)
{
	const char *before = "Not shown: ";

	for (unsigned state = 0; state < SCAN_STATES; state++)
		for (unsigned reason = 0; view->folded[state] && reason < SCAN_REASONS; reason++) {
			uint32_t count = view->counts[state][reason];

			if (!count || reason == RP_REASON_NONE)
				continue;
			strbuf_addf(text, "%s%" PRIu32 " %s tcp port%s (%s)", before, count,
				    rp_state_name((enum rp_state)state), count == 1 ? "" : "s",
				    rp_reason_name((enum rp_reason)reason));
			before = ", ";
		}
	if (*before == ',')
		strbuf_add_char(text, '\n');
}

/* So many hosts are each reported, even when nothing is known of them. */
#define FEW 25

enum { COLUMN_PORT, COLUMN_STATE, COLUMN_RTT, COLUMN_REASON, COLUMNS };

static const char *const headings[COLUMNS] = {"PORT", "STATE", "RTT", "REASON"};

static const char *const colors[SCAN_STATES] = {
	[RP_STATE_OPEN] = "\033[32m",
	[RP_STATE_CLOSED] = "\033[31m",
	[RP_STATE_FILTERED] = "\033[33m",
};

static void add_remarks(unsigned remarks, struct strbuf *cell)
{
	static const struct {
		enum rp_remark remark;
		const char *text;
	} words[] = {
		{RP_REMARK_CHALLENGED, ", challenge ACK"},
		{RP_REMARK_BARE_RESET, ", unproven RST"},
		{RP_REMARK_BARE_SYN, ", unproven SYN"},
		{RP_REMARK_UNVERIFIED, ", unverified ICMP"},
		{RP_REMARK_SHORT_ACK, ", short ACK"},
		{RP_REMARK_REDIRECT, ", redirect"},
		{RP_REMARK_SOURCE_QUENCH, ", source quench"},
		{RP_REMARK_SYN_RESET, ", SYN beside RST"},
		{RP_REMARK_UNTRANSLATED, ", untranslated quote"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (remarks & words[i].remark)
			strbuf_add(cell, words[i].text);
}

static void make_cell(const struct scan_port *port, uint16_t number, unsigned column, struct strbuf *cell)
{
	char buffer[RP_ADDR_TEXT_SIZE > NS_TEXT_SIZE ? RP_ADDR_TEXT_SIZE : NS_TEXT_SIZE];

	strbuf_clear(cell);
	switch (column) {
	case COLUMN_PORT:
		strbuf_addf(cell, "%u/tcp", number);
		break;
	case COLUMN_STATE:
		strbuf_add(cell, rp_state_name((enum rp_state)port->state));
		break;
	case COLUMN_RTT:
		strbuf_addf(cell, "%s%s%s", port->untimed ? "<" : "", ns_format_ms(port->rtt, buffer),
			    port->rtt == RP_TIME_NONE ? "" : " ms");
		if (port->queued > 0)
			strbuf_addf(cell, " (queued %s ms)", ns_format_ping(port->queued, buffer));
		break;
	case COLUMN_REASON:
		strbuf_add(cell, rp_reason_name((enum rp_reason)port->reason));
		if (port->from.family != RP_FAMILY_NONE)
			strbuf_addf(cell, " from %s", rp_addr_format(port->from, buffer));
		if (port->ttl)
			strbuf_addf(cell, " ttl %u", port->ttl);
		if (port->late)
			strbuf_add(cell, ", late");
		if (port->conflict)
			strbuf_add(cell, ", after a reset");
		add_remarks(port->remarks, cell);
		break;
	}
}

/* Every row is made twice, once to be measured: memory stays that of one cell. */
static void add_rows(const struct out *out, const struct scan_view *view, struct strbuf *text)
{
	bool colored = out->run->own != NULL && *(const bool *)out->run->own;
	size_t width[COLUMNS] = {4, 5, 3, 6};
	struct strbuf cell;

	strbuf_init(&cell);
	for (uint32_t i = 0; i < view->asked; i++)
		for (unsigned c = 0; c < COLUMNS && scan_table_is_row(view, &view->ports[i]); c++) {
			make_cell(&view->ports[i], rp_ports_at(view->list, i), c, &cell);
			if (cell.length > width[c])
				width[c] = cell.length;
		}
	for (unsigned c = 0; c < COLUMNS; c++) {
		strbuf_add_padded(text, headings[c], width[c]);
		strbuf_add_char(text, ' ');
	}
	strbuf_add(text, "SERVICE\n");
	for (uint32_t i = 0; i < view->asked; i++) {
		if (!scan_table_is_row(view, &view->ports[i]))
			continue;
		const char *service = rp_service_name(rp_ports_at(view->list, i));
		for (unsigned c = 0; c < COLUMNS; c++) {
			const char *color = c == COLUMN_STATE && colored ? colors[view->ports[i].state] : NULL;

			make_cell(&view->ports[i], rp_ports_at(view->list, i), c, &cell);
			strbuf_add(text, color ? color : "");
			strbuf_add_padded(text, cell.failed ? "?" : cell.text, width[c]);
			strbuf_add(text, color ? "\033[0m " : " ");
		}
		strbuf_addf(text, "%s\n", service ? service : "unknown");
	}
	strbuf_fini(&cell);
}

static void add_verdict(const struct scan_view *view, struct strbuf *text)
{
	unsigned findings = view->host->findings;
	uint32_t suspects = view->host->suspects;

	strbuf_addf(text, "%" PRIu32 " of %" PRIu32 " port%s open", view->totals[RP_STATE_OPEN], view->asked,
		    view->asked == 1 ? "" : "s");
	if (view->undecided)
		strbuf_addf(text, ", %" PRIu32 " not decided", view->undecided);
	if (suspects)
		strbuf_addf(text, ", %" PRIu32 " suspect answer%s not believed", suspects, suspects == 1 ? "" : "s");
	strbuf_add_char(text, '\n');
	for (unsigned bit = 1; bit <= findings; bit *= 2)
		if (findings & bit)
			strbuf_addf(text, "%s\n", scan_table_finding_sentence((enum rp_finding)bit));
}

static void add_host_name(const struct out *out, uint32_t index, struct strbuf *text)
{
	struct rp_target target = rp_targets_at(out->run->results->config->targets, index);
	char address[RP_ADDR_TEXT_SIZE];

	rp_addr_format(target.address, address);
	strbuf_add(text, "Host ");
	if (!target.canonical) {
		strbuf_add(text, address);
		return;
	}
	strbuf_add_escaped(text, target.name);
	if (target.address.family != RP_FAMILY_NONE)
		strbuf_addf(text, " (%s)", address);
}

static void begin_paragraph(struct out *out, struct strbuf *text)
{
	if (out->any_printed)
		strbuf_add_char(text, '\n');
	out->any_printed = true;
}

static void add_host(struct out *out, uint32_t index, const struct scan_view *view, struct strbuf *text)
{
	begin_paragraph(out, text);
	add_host_name(out, index, text);
	strbuf_add_char(text, '\n');
	add_folded(view, text);
	if (view->rows)
		add_rows(out, view, text);
	if (view->asked > 0)
		add_verdict(view, text);
	else
		strbuf_addf(text, "Not probed (%s)\n", rp_reason_name(view->host->reason));
}

/* What -v reports at once, long before the host's table. */
static void add_discovery(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	char address[RP_ADDR_TEXT_SIZE];

	if (!out->run->verbose || event->state != RP_STATE_OPEN)
		return;
	out->any_printed = true;
	strbuf_addf(text, "Discovered open port %u/tcp on %s\n", event->port, rp_addr_format(event->address, address));
}

static void add_revision(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	strbuf_add_char(text, '\n');
	add_host_name(out, event->target, text);
	strbuf_addf(text, ": %u/tcp is %s after all (late %s)\n", event->port, rp_state_name(event->state),
		    rp_reason_name(event->reason));
}

static void scan_scan(struct out *out, const struct scan_news *news, struct strbuf *text)
{
	if (out->run->quiet)
		return;
	switch (news->kind) {
	case SCAN_PORT:
		add_discovery(out, news->event, text);
		break;
	case SCAN_NOTHING:
		if (news->view->asked > 0 && out->run->results->scan->targets <= FEW)
			add_host(out, news->target, news->view, text);
		break;
	case SCAN_HOST:
		add_host(out, news->target, news->view, text);
		break;
	case SCAN_REVISION:
		add_revision(out, news->event, text);
		break;
	}
}

static unsigned scan_events(const struct out *out)
{
	return out_shows_packets(out->run) ? OUT_EVENTS_ALL : 0;
}

static void scan_event(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	report_add_packet(text, out->run, event);
}

/* Of the packets that -x and --decode show. */
static void scan_omitted(struct out *out, const struct out_omitted *omitted, struct strbuf *text)
{
	const struct out_run *run = out->run;

	if (!out_shows_packets(run))
		return;
	report_add_omitted(text, omitted);
	strbuf_add_char(text, '\n');
}

static void scan_finish(struct out *out, struct strbuf *text)
{
	const struct scan_table *table = out->run->results->scan;

	if (out->run->quiet)
		return;
	if (out->run->only_open && !out->any_printed)
		strbuf_addf(text, "0 of %" PRIu64 " port%s open\n", table->asked, table->asked == 1 ? "" : "s");
	if (table->strangers) {
		begin_paragraph(out, text);
		strbuf_addf(text, "%" PRIu32 " suspect answer%s from elsewhere not believed\n", table->strangers,
			    table->strangers == 1 ? "" : "s");
	}
	if (table->unfinished) {
		begin_paragraph(out, text);
		strbuf_addf(text, "%" PRIu32 " of %" PRIu32 " host%s not finished (%s)\n", table->unfinished,
			    table->scanned, table->scanned == 1 ? "" : "s", rp_end_name(table->end));
	}
}

const struct out_type out_scan = {
	.name = "scan",
	.size = sizeof(struct out),
	.event = scan_event,
	.events = scan_events,
	.scan = scan_scan,
	.omitted = scan_omitted,
	.finish = scan_finish,
};
