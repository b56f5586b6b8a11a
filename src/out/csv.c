/* SPDX-License-Identifier: MIT */
/*
 * A run as CSV (RFC 4180: a header, CR LF, quotes doubled within quotes). A scan has a row for each port when
 * its host is reported, and one more when that is revised; a series has a row for each thing that happened to a
 * probe. A field without a value is empty; control bytes stand as \xNN. Columns are added at the end, never renamed.
 */
#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "out/scan_table.h"
#include "out/report.h"

struct out {
	const struct out_run *run;
	bool tcp;
};

static void csv_start(struct out *out, struct strbuf *text)
{
	if (out->run->scan)
		strbuf_add(
			text,
			"host,address,port,state,reason,ttl,rtt_ms,tries,service,from,window,mss,time_ns,notes,suspect,"
			"findings\r\n");
	else
		strbuf_addf(text, "event,host,address,%sseq,from,ttl,bytes,rtt_ms,time_ns,text\r\n",
			    out->tcp ? "port,state,reason," : "");
}

/* ---- fields, each with the comma behind it ---- */

static void put_text(struct strbuf *text, const char *value)
{
	struct strbuf safe;

	strbuf_init(&safe);
	strbuf_add_escaped(&safe, value);
	bool quoted = safe.failed || strpbrk(safe.text, ",\"");

	if (quoted)
		strbuf_add_char(text, '"');
	for (size_t i = 0; i < safe.length; i++) {
		if (safe.text[i] == '"')
			strbuf_add_char(text, '"');
		strbuf_add_char(text, safe.text[i]);
	}
	strbuf_add(text, quoted ? "\"," : ",");
	text->failed |= safe.failed;
	strbuf_fini(&safe);
}

/* Instead of the last comma. */
static void end_row(struct strbuf *text)
{
	if (!text->failed)
		text->text[--text->length] = '\0';
	strbuf_add(text, "\r\n");
}

static void put_number(struct strbuf *text, uint64_t value, bool known)
{
	if (known)
		strbuf_addf(text, "%" PRIu64, value);
	strbuf_add_char(text, ',');
}

/* To the nanosecond, as the JSON has it. */
static void put_ms(struct strbuf *text, int64_t value)
{
	int64_t size = value == RP_TIME_NONE ? 0 : value < 0 ? -value : value;

	if (value != RP_TIME_NONE)
		strbuf_addf(text, "%s%" PRId64 ".%06" PRId64, value < 0 ? "-" : "", size / NS_PER_MS, size % NS_PER_MS);
	strbuf_add_char(text, ',');
}

static void put_address(struct strbuf *text, struct rp_addr address)
{
	char buffer[RP_ADDR_TEXT_SIZE];

	put_text(text, address.family == RP_FAMILY_NONE ? "" : rp_addr_format(address, buffer));
}

static void put_host(const struct out *out, uint32_t index, struct rp_addr address, struct strbuf *text)
{
	struct rp_target target = {.address = address};
	char buffer[RP_ADDR_TEXT_SIZE];

	if (index < rp_targets_count(out->run->results->config->targets))
		target = rp_targets_at(out->run->results->config->targets, index);
	put_text(text, report_host(target, buffer));
	put_address(text, target.address);
}

/* ---- scans ---- */

/* Notes and findings are words with blanks between: nothing to quote. */
static void add_port(const struct out *out, const struct scan_news *news, uint16_t number, const struct scan_port *port,
		     struct strbuf *text)
{
	const char *service = rp_service_name(number);
	struct rp_addr from = port->from;

	if (from.family == RP_FAMILY_NONE && port->ttl)
		from = rp_targets_at(out->run->results->config->targets, news->target).address;
	put_host(out, news->target, (struct rp_addr){0}, text);
	put_number(text, number, true);
	put_text(text, rp_state_name((enum rp_state)port->state));
	put_text(text, rp_reason_name((enum rp_reason)port->reason));
	put_number(text, port->ttl, port->ttl != 0);
	put_ms(text, port->untimed ? RP_TIME_NONE : port->rtt);
	put_number(text, port->tries, true);
	put_text(text, service ? service : "");
	put_address(text, from);
	put_number(text, port->window, port->tcp);
	put_number(text, port->mss, port->mss != 0);
	put_number(text, (uint64_t)port->wall, true);
	scan_table_add_notes(port, text);
	strbuf_add_char(text, ',');
	put_number(text, news->host->suspects, true);
	scan_table_add_findings(news->host, text);
	strbuf_add(text, "\r\n");
}

/* What could not be probed, where nobody knows for which port. */
static void add_bad(const struct out *out, const struct scan_news *news, struct strbuf *text)
{
	put_host(out, news->target, (struct rp_addr){0}, text);
	put_number(text, 0, false);
	put_text(text, rp_state_name(RP_STATE_UNKNOWN));
	put_text(text, rp_reason_name(news->host->reason));
	strbuf_addf(text, ",,0,,,,,%" PRId64 ",,0,\r\n", out->run->results->scan->ended_wall);
}

static void csv_scan(struct out *out, const struct scan_news *news, struct strbuf *text)
{
	const struct scan_view *view = news->view;

	if (news->kind == SCAN_REVISION)
		add_port(out, news, news->event->port, news->port, text);
	if (news->kind != SCAN_HOST)
		return;
	if (view->asked == 0)
		add_bad(out, news, text);
	for (uint32_t i = 0; view->ports && i < view->asked; i++) {
		const struct scan_port *port = &view->ports[i];

		if (port->reason != RP_REASON_NONE && (!out->run->only_open || port->state == RP_STATE_OPEN))
			add_port(out, news, rp_ports_at(view->list, i), port, text);
	}
}

/* ---- series ---- */

/* What there is to say in words: an ICMP error, a refusal, a suspicion. */
static void put_words(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	char was[RP_ADDR_TEXT_SIZE];
	struct strbuf words;

	strbuf_init(&words);
	if (event->kind == RP_EVENT_ERROR && event->packet)
		out_icmp_text(&words, event->packet);
	else if (event->kind == RP_EVENT_UNSENT)
		out_unsent_text(&words, event, out->run->results->config);
	else if (event->kind == RP_EVENT_SUSPECT)
		strbuf_add(&words, rp_suspicion_name(event->suspicion));
	else if (event->remarks & RP_REMARK_MAYBE_REPEATED)
		strbuf_add(&words, rp_remark_name(RP_REMARK_MAYBE_REPEATED));
	else if (event->kind == RP_EVENT_ADDRESS)
		strbuf_addf(&words, "was %s", rp_addr_format(event->from, was));
	if (words.failed)
		text->failed = true;
	else
		put_text(text, words.text);
	strbuf_fini(&words);
}

/* Where nobody knows for which port it could not be probed. */
static void add_bad_series(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	put_text(text, "host");
	put_host(out, event->target, event->address, text);
	strbuf_addf(text, ",%s,%s,,,,,,%" PRId64 ",\r\n", rp_state_name(event->state), rp_reason_name(event->reason),
		    event->wall);
}

static void csv_event(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	const char *name = out->run->quiet ? NULL : report_event_name(out->run, event);
	const struct rp_packet *packet = event->kind == RP_EVENT_SENT ? NULL : event->packet;
	bool state = event->kind == RP_EVENT_PORT || event->kind == RP_EVENT_REPLY ||
		     event->kind == RP_EVENT_DUPLICATE || event->kind == RP_EVENT_REPEATED ||
		     event->kind == RP_EVENT_LATE;

	if (!out->run->scan && event->kind == RP_EVENT_HOST && event->reason != RP_REASON_NONE &&
	    rp_ports_count(rp_grid_ports(out->run->results->grid, event->target)) == 0)
		add_bad_series(out, event, text);
	if (!name || out->run->scan)
		return;
	put_text(text, name);
	put_host(out, event->target, event->address, text);
	if (out->tcp) {
		put_number(text, event->port, event->kind != RP_EVENT_ADDRESS);
		put_text(text, state ? rp_state_name(event->state) : "");
		put_text(text, state ? rp_reason_name(event->reason) : "");
	}
	put_number(text, event->sequence, event->kind != RP_EVENT_ADDRESS && event->kind != RP_EVENT_PORT);
	put_address(text, packet ? event->from : (struct rp_addr){0});
	put_number(text, packet ? packet->ip.time_to_live : 0, packet != NULL);
	put_number(text, packet ? packet->length - packet->ip.header_length : 0, packet != NULL);
	put_ms(text, event->rtt);
	put_number(text, (uint64_t)event->wall, true);
	put_words(out, event, text);
	end_row(text);
}

/* ---- the run ---- */

static int csv_init(struct out *out)
{
	out->tcp = out->run->ports;
	return 0;
}

/* A row of a series without a target. */
static void csv_omitted(struct out *out, const struct out_omitted *omitted, struct strbuf *text)
{
	struct strbuf words;

	if (out->run->scan || out->run->quiet)
		return;
	strbuf_init(&words);
	report_add_omitted(&words, omitted);
	strbuf_addf(text, "omitted,,,%s,,,,,%" PRId64 ",", out->tcp ? ",,," : "", omitted->wall);
	put_text(text, words.failed ? "" : words.text);
	end_row(text);
	strbuf_fini(&words);
}

const struct out_type out_csv = {
	.name = "csv",
	.size = sizeof(struct out),
	.init = csv_init,
	.start = csv_start,
	.event = csv_event,
	.scan = csv_scan,
	.omitted = csv_omitted,
};
