/* SPDX-License-Identifier: MIT */
/*
 * A scan as text: for each host a table of ports in ascending order and a verdict of one line. States,
 * reasons and the folding of states that many ports share are nmap's.
 *
 * A host is printed when its last port is decided. Until then each of its ports costs 32 octets. Of hosts
 * that an interrupted run leaves unfinished it is printed what was decided; those without any are counted.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/ns.h"
#include "out/out.h"
#include "out/report.h"

/* More ports than this in one state other than open become a line instead of rows. */
#define ROWS_OF_ONE_STATE 25

#define STATES  (RP_STATE_FILTERED + 1)
#define REASONS (RP_REASON_SEND_FAILED + 1)

struct port {
	int64_t rtt;
	struct rp_addr from; /* RP_FAMILY_NONE: the target */
	uint8_t state;
	uint8_t reason;
	uint8_t ttl; /* 0: none */
};

struct host {
	struct port *ports; /* as many as the run has; NULL while none is decided, and when it is printed */
	uint32_t suspects;
	bool printed;
};

struct out {
	const struct out_type *type;
	const struct out_run *run;
	struct host *hosts;
	uint32_t targets;
	uint32_t ports;
	uint32_t strangers;  /* suspect answers that name no target */
	uint32_t unfinished; /* hosts told of with ports undecided */
	bool any_printed;
	enum rp_end end;
};

/* What is to be shown of one host. */
struct view {
	const struct port *ports;
	uint32_t counts[STATES][REASONS];
	uint32_t totals[STATES];
	uint32_t undecided; /* the run ended before; part of the unknown, as are ports that no probe could be sent to */
	bool folded[STATES];
};

static int scan_open(struct out **out, const struct out_run *run)
{
	struct out *o = calloc(1, sizeof(*o));

	if (!o)
		return -ENOMEM;
	o->type = &out_scan;
	o->run = run;
	o->targets = rp_targets_count(run->config->targets);
	o->ports = rp_ports_count(run->config->ports);
	o->end = RP_END_STOPPED;
	o->hosts = calloc(o->targets, sizeof(*o->hosts));
	if (!o->hosts) {
		free(o);
		return -ENOMEM;
	}
	*out = o;
	return 0;
}

static void scan_close(struct out *out)
{
	if (!out)
		return;
	for (uint32_t i = 0; i < out->targets; i++)
		free(out->hosts[i].ports);
	free(out->hosts);
	free(out);
}

static void scan_start(struct out *out, struct strbuf *text)
{
	(void)out;
	(void)text;
}

static bool is_undecided(unsigned state, unsigned reason)
{
	return state == RP_STATE_UNKNOWN && reason == RP_REASON_NONE;
}

static void keep_port(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	struct host *host = &out->hosts[event->target];
	uint32_t index = report_port_index(out->run->config->ports, event->port);
	struct port *port;

	if (index >= out->ports || is_undecided(event->state, event->reason))
		return;
	if (!host->ports)
		host->ports = calloc(out->ports, sizeof(*host->ports));
	if (!host->ports) {
		text->failed = true;
		return;
	}
	port = &host->ports[index];
	*port = (struct port){.rtt = event->rtt, .state = (uint8_t)event->state, .reason = (uint8_t)event->reason};
	if (!rp_addr_equal(event->from, event->address))
		port->from = event->from;
	if (event->packet)
		port->ttl = event->packet->ip.time_to_live;
}

static void view_host(const struct out *out, const struct host *host, struct view *view)
{
	uint32_t limit = out->run->only_open ? 0 : ROWS_OF_ONE_STATE * (out->run->verbose + 1);

	*view = (struct view){.ports = host->ports};
	for (uint32_t i = 0; host->ports && i < out->ports; i++) {
		view->counts[host->ports[i].state][host->ports[i].reason]++;
		view->totals[host->ports[i].state]++;
	}
	if (!host->ports)
		view->totals[RP_STATE_UNKNOWN] = view->counts[RP_STATE_UNKNOWN][RP_REASON_NONE] = out->ports;
	view->undecided = view->counts[RP_STATE_UNKNOWN][RP_REASON_NONE];
	view->folded[RP_STATE_UNKNOWN] = view->totals[RP_STATE_UNKNOWN] - view->undecided > limit;
	view->folded[RP_STATE_CLOSED] = view->totals[RP_STATE_CLOSED] > limit;
	view->folded[RP_STATE_FILTERED] = view->totals[RP_STATE_FILTERED] > limit;
}

static void add_folded(const struct view *view, struct strbuf *text)
{
	const char *before = "Not shown: ";

	for (unsigned state = 0; state < STATES; state++)
		for (unsigned reason = 0; view->folded[state] && reason < REASONS; reason++) {
			uint32_t count = view->counts[state][reason];

			if (!count || is_undecided(state, reason))
				continue;
			strbuf_addf(text, "%s%" PRIu32 " %s tcp port%s (%s)", before, count,
				    rp_state_name((enum rp_state)state), count == 1 ? "" : "s",
				    rp_reason_name((enum rp_reason)reason));
			before = ", ";
		}
	if (*before == ',')
		strbuf_add_char(text, '\n');
}

enum { COLUMN_PORT, COLUMN_STATE, COLUMN_RTT, COLUMN_REASON, COLUMNS };

static const char *const headings[COLUMNS] = {"PORT", "STATE", "RTT", "REASON"};

static void make_cell(const struct port *port, uint16_t number, unsigned column, struct strbuf *cell)
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
		strbuf_addf(cell, "%s%s", ns_format_ms(port->rtt, buffer), port->rtt == RP_TIME_NONE ? "" : " ms");
		break;
	case COLUMN_REASON:
		strbuf_add(cell, rp_reason_name((enum rp_reason)port->reason));
		if (port->from.family != RP_FAMILY_NONE)
			strbuf_addf(cell, " from %s", rp_addr_format(port->from, buffer));
		if (port->ttl)
			strbuf_addf(cell, " ttl %u", port->ttl);
		break;
	}
}

static bool is_row(const struct view *view, const struct port *port)
{
	return !view->folded[port->state] && !is_undecided(port->state, port->reason);
}

/* Every row is made twice, once to be measured: memory stays that of one cell. */
static void add_rows(const struct out *out, const struct view *view, struct strbuf *text)
{
	const struct rp_ports *ports = out->run->config->ports;
	size_t width[COLUMNS] = {4, 5, 3, 6};
	struct strbuf cell;

	strbuf_init(&cell);
	for (uint32_t i = 0; i < out->ports; i++)
		for (unsigned c = 0; c < COLUMNS && is_row(view, &view->ports[i]); c++) {
			make_cell(&view->ports[i], rp_ports_at(ports, i), c, &cell);
			if (cell.length > width[c])
				width[c] = cell.length;
		}
	for (unsigned c = 0; c < COLUMNS; c++) {
		strbuf_add_padded(text, headings[c], width[c]);
		strbuf_add_char(text, ' ');
	}
	strbuf_add(text, "SERVICE\n");
	for (uint32_t i = 0; i < out->ports; i++) {
		const char *service = rp_service_name(rp_ports_at(ports, i));

		if (!is_row(view, &view->ports[i]))
			continue;
		for (unsigned c = 0; c < COLUMNS; c++) {
			make_cell(&view->ports[i], rp_ports_at(ports, i), c, &cell);
			strbuf_add_padded(text, cell.failed ? "?" : cell.text, width[c]);
			strbuf_add_char(text, ' ');
		}
		strbuf_addf(text, "%s\n", service ? service : "unknown");
	}
	strbuf_fini(&cell);
}

static void add_verdict(const struct out *out, const struct host *host, const struct view *view, struct strbuf *text)
{
	strbuf_addf(text, "%" PRIu32 " of %" PRIu32 " port%s open", view->totals[RP_STATE_OPEN], out->ports,
		    out->ports == 1 ? "" : "s");
	if (view->undecided)
		strbuf_addf(text, ", %" PRIu32 " not decided", view->undecided);
	if (host->suspects)
		strbuf_addf(text, ", %" PRIu32 " suspect answer%s not believed", host->suspects,
			    host->suspects == 1 ? "" : "s");
	strbuf_add_char(text, '\n');
}

static void add_host_name(const struct out *out, uint32_t index, struct strbuf *text)
{
	struct rp_target target = rp_targets_at(out->run->config->targets, index);
	char address[RP_ADDR_TEXT_SIZE];

	rp_addr_format(target.address, address);
	strbuf_add(text, "Host ");
	if (!target.canonical) {
		strbuf_add(text, address);
		return;
	}
	strbuf_add_escaped(text, target.name);
	strbuf_addf(text, " (%s)", address);
}

static void print_host(struct out *out, uint32_t index, struct strbuf *text)
{
	struct host *host = &out->hosts[index];
	struct view view;
	uint32_t rows;

	view_host(out, host, &view);
	rows = view.folded[RP_STATE_UNKNOWN] ? 0 : view.totals[RP_STATE_UNKNOWN] - view.undecided;
	for (unsigned state = RP_STATE_OPEN; state < STATES; state++)
		rows += view.folded[state] ? 0 : view.totals[state];
	host->printed = true;
	if (view.undecided)
		out->unfinished++;
	if (view.undecided == out->ports || (out->run->only_open && !view.totals[RP_STATE_OPEN]))
		goto out;
	if (out->any_printed)
		strbuf_add_char(text, '\n');
	out->any_printed = true;
	add_host_name(out, index, text);
	strbuf_add_char(text, '\n');
	add_folded(&view, text);
	if (rows)
		add_rows(out, &view, text);
	add_verdict(out, host, &view, text);
out:
	free(host->ports);
	host->ports = NULL;
}

/* An answer that came after its host was printed and changes what was said there. */
static void add_revision(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	if (out->run->only_open && event->state != RP_STATE_OPEN)
		return;
	strbuf_add_char(text, '\n');
	add_host_name(out, event->target, text);
	strbuf_addf(text, ": %u/tcp is %s after all (late %s)\n", event->port, rp_state_name(event->state),
		    rp_reason_name(event->reason));
}

static void scan_event(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	bool known = event->target < out->targets;

	if (event->kind == RP_EVENT_DONE)
		out->end = event->end;
	else if (out->run->quiet)
		return;
	else if (event->kind == RP_EVENT_SUSPECT && known)
		out->hosts[event->target].suspects++;
	else if (event->kind == RP_EVENT_SUSPECT)
		out->strangers++;
	else if (event->kind == RP_EVENT_PORT && known && out->hosts[event->target].printed)
		add_revision(out, event, text);
	else if (event->kind == RP_EVENT_PORT && known)
		keep_port(out, event, text);
	else if (event->kind == RP_EVENT_HOST && known && !out->hosts[event->target].printed)
		print_host(out, event->target, text);
}

static void scan_finish(struct out *out, struct strbuf *text)
{
	if (out->run->quiet)
		return;
	for (uint32_t i = 0; i < out->targets; i++)
		if (!out->hosts[i].printed)
			print_host(out, i, text);
	if (out->strangers)
		strbuf_addf(text, "\n%" PRIu32 " suspect answer%s from elsewhere not believed\n", out->strangers,
			    out->strangers == 1 ? "" : "s");
	if (out->unfinished)
		strbuf_addf(text, "\n%" PRIu32 " of %" PRIu32 " host%s not finished (%s)\n", out->unfinished,
			    out->targets, out->targets == 1 ? "" : "s", rp_end_name(out->end));
}

const struct out_type out_scan = {
	.name = "scan",
	.open = scan_open,
	.start = scan_start,
	.event = scan_event,
	.finish = scan_finish,
	.close = scan_close,
};
