/* SPDX-License-Identifier: MIT */
/*
 * A scan as nmap's XML (nmap.dtd, version 1.05), for the many programs that read it. With scanner "nmap" it is valid
 * against the DTD, which allows no other name and no attribute of ours; otherwise each port carries rtt_ms, tries,
 * window, mss and notes besides. What was noticed of a host, and the notes where they may be no attribute, are the
 * result of a script, which the DTD has for whatever a scanner has to say.
 *
 * A host is "up" if it answered itself, else "unknown": nobody asked it anything but its ports. What is said of a host
 * after it was reported is a second <host> with that port alone; readers merge them by address.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "out/scan_table.h"
#include "out/xmlwriter.h"

#define VERSION "1.05"

struct out {
	const struct out_run *run;
	struct xmlwriter *xml;
	struct xmlwriter *ending; /* of what end_here() writes */
	bool strict;
};

/* An attribute whose text one of the shared formatters makes. */
static void put_date(struct xmlwriter *xml, const char *name, int64_t wall)
{
	struct strbuf date;

	strbuf_init(&date);
	scan_table_add_date(&date, wall);
	xmlwriter_text(xml, name, date.failed ? "" : date.text);
	strbuf_fini(&date);
}

static void put_scaninfo(struct out *out)
{
	struct strbuf services;

	strbuf_init(&services);
	scan_table_add_ports(out->run->results->scan, &services);
	xmlwriter_begin(out->xml, "scaninfo");
	xmlwriter_text(out->xml, "type", "syn");
	xmlwriter_text(out->xml, "protocol", "tcp");
	xmlwriter_number(out->xml, "numservices", out->run->results->scan->ports);
	xmlwriter_text(out->xml, "services", services.failed ? "" : services.text);
	xmlwriter_end(out->xml);
	strbuf_fini(&services);
}

static void put_level(struct out *out, const char *element, unsigned level)
{
	xmlwriter_begin(out->xml, element);
	xmlwriter_number(out->xml, "level", level);
	xmlwriter_end(out->xml);
}

static void xml_start(struct out *out, struct strbuf *text)
{
	const struct out_run *run = out->run;

	xmlwriter_begin_document(out->xml, "nmaprun");
	xmlwriter_begin(out->xml, "nmaprun");
	xmlwriter_text(out->xml, "scanner", run->own ? run->own : run->tool);
	if (run->command)
		xmlwriter_text(out->xml, "args", run->command);
	xmlwriter_number(out->xml, "start", run->started.wall / NS_PER_S);
	put_date(out->xml, "startstr", run->started.wall);
	xmlwriter_text(out->xml, "version", rp_version());
	xmlwriter_text(out->xml, "xmloutputversion", VERSION);
	put_scaninfo(out);
	put_level(out, "verbose", run->verbose);
	put_level(out, "debugging", 0);
	xmlwriter_take(out->xml, text);
}

/* ---- a host ---- */

static void put_extra_ports(struct out *out, const struct scan_view *view, unsigned state)
{
	xmlwriter_begin(out->xml, "extraports");
	xmlwriter_text(out->xml, "state", rp_state_name((enum rp_state)state));
	xmlwriter_number(out->xml, "count", view->totals[state]);
	for (unsigned reason = RP_REASON_NONE + 1; reason < SCAN_REASONS; reason++) {
		struct strbuf ports;

		if (!view->counts[state][reason])
			continue;
		strbuf_init(&ports);
		scan_table_add_ports_of(view, state, reason, &ports);
		xmlwriter_begin(out->xml, "extrareasons");
		xmlwriter_text(out->xml, "reason", rp_reason_name((enum rp_reason)reason));
		xmlwriter_number(out->xml, "count", view->counts[state][reason]);
		xmlwriter_text(out->xml, "proto", "tcp");
		xmlwriter_text(out->xml, "ports", ports.failed ? "" : ports.text);
		xmlwriter_end(out->xml);
		strbuf_fini(&ports);
	}
	xmlwriter_end(out->xml);
}

static void put_service(struct out *out, uint16_t port)
{
	const char *service = rp_service_name(port);

	if (!service)
		return;
	xmlwriter_begin(out->xml, "service");
	xmlwriter_text(out->xml, "name", service);
	xmlwriter_text(out->xml, "method", "table");
	xmlwriter_text(out->xml, "conf", "3");
	xmlwriter_end(out->xml);
}

/* What nmap's DTD has no name for. */
static void put_own_attributes(struct out *out, const struct scan_port *port)
{
	char rtt[NS_TEXT_SIZE];
	struct strbuf notes;

	strbuf_init(&notes);
	scan_table_add_notes(port, &notes);

	if (port->rtt != RP_TIME_NONE && !port->untimed)
		xmlwriter_text(out->xml, "rtt_ms", ns_format_ms(port->rtt, rtt));
	xmlwriter_number(out->xml, "tries", port->tries);
	if (port->tcp)
		xmlwriter_number(out->xml, "window", port->window);
	if (port->mss)
		xmlwriter_number(out->xml, "mss", port->mss);
	if (notes.length > 0)
		xmlwriter_text(out->xml, "notes", notes.text);
	strbuf_fini(&notes);
}

static void put_port(struct out *out, uint16_t number, const struct scan_port *port)
{
	char address[RP_ADDR_TEXT_SIZE];

	xmlwriter_begin(out->xml, "port");
	xmlwriter_text(out->xml, "protocol", "tcp");
	xmlwriter_number(out->xml, "portid", number);
	if (!out->strict)
		put_own_attributes(out, port);
	xmlwriter_begin(out->xml, "state");
	xmlwriter_text(out->xml, "state", rp_state_name((enum rp_state)port->state));
	xmlwriter_text(out->xml, "reason", rp_reason_name((enum rp_reason)port->reason));
	xmlwriter_number(out->xml, "reason_ttl", port->ttl);
	if (port->from.family != RP_FAMILY_NONE)
		xmlwriter_text(out->xml, "reason_ip", rp_addr_format(port->from, address));
	xmlwriter_end(out->xml);
	put_service(out, number);
	xmlwriter_end(out->xml);
}

static void add_part(struct strbuf *text)
{
	if (text->length > 0)
		strbuf_add(text, "; ");
}

static void add_port_notes(uint16_t number, const struct scan_port *port, struct strbuf *text)
{
	struct strbuf notes;

	strbuf_init(&notes);
	scan_table_add_notes(port, &notes);
	if (notes.length > 0) {
		add_part(text);
		strbuf_addf(text, "port %u: %s", number, notes.text);
	}
	strbuf_fini(&notes);
}

/* Ports of which nothing could be learnt: no element of theirs, as nmap's states have no word for it and ndiff
 * fails. */
static void add_unknown(const struct scan_view *view, struct strbuf *text)
{
	for (unsigned reason = RP_REASON_NONE + 1; reason < SCAN_REASONS; reason++) {
		if (!view->counts[RP_STATE_UNKNOWN][reason])
			continue;
		add_part(text);
		strbuf_addf(text, "%s: ports ", rp_reason_name((enum rp_reason)reason));
		scan_table_add_ports_of(view, RP_STATE_UNKNOWN, reason, text);
	}
}

static void add_findings(const struct scan_host *host, struct strbuf *text)
{
	for (unsigned bit = 1; bit <= host->findings; bit *= 2) {
		if (!(host->findings & bit))
			continue;
		add_part(text);
		strbuf_addf(text, "%s: %s", rp_finding_name((enum rp_finding)bit),
			    scan_table_finding_sentence((enum rp_finding)bit));
	}
	if (host->suspects) {
		add_part(text);
		strbuf_addf(text, "suspect answers: %" PRIu32, host->suspects);
	}
}

/* Only one script, and none of a port: ndiff 7.93 fails at two of a host, and where those of a port differ. */
static void put_script(struct out *out, const struct strbuf *text)
{
	if (text->length == 0)
		return;
	xmlwriter_begin(out->xml, "hostscript");
	xmlwriter_begin(out->xml, "script");
	xmlwriter_text(out->xml, "id", "rsyn");
	xmlwriter_text(out->xml, "output", text->text);
	xmlwriter_end(out->xml);
	xmlwriter_end(out->xml);
}

/* All that were given for its address. */
static void put_names(struct out *out, uint32_t index)
{
	const struct rp_targets *targets = out->run->results->config->targets;
	uint32_t cursor = 0;

	xmlwriter_begin(out->xml, "hostnames");
	for (int64_t row = index; row >= 0; row = rp_targets_follower(targets, index, &cursor)) {
		struct rp_target target = rp_targets_at(targets, (uint32_t)row);

		if (!target.canonical || !target.name)
			continue;
		xmlwriter_begin(out->xml, "hostname");
		xmlwriter_text(out->xml, "name", target.name);
		xmlwriter_text(out->xml, "type", "user");
		xmlwriter_end(out->xml);
	}
	xmlwriter_end(out->xml);
}

/* From <host> to the <ports>; `answer` is one of the host's own, or NULL; `bad`: why it could not be probed. */
static void begin_host(struct out *out, uint32_t index, const struct scan_port *answer, enum rp_reason bad)
{
	struct rp_target target = rp_targets_at(out->run->results->config->targets, index);
	char address[RP_ADDR_TEXT_SIZE];

	xmlwriter_begin(out->xml, "host");
	xmlwriter_number(out->xml, "starttime", out->run->started.wall / NS_PER_S);
	xmlwriter_number(out->xml, "endtime", out->run->results->scan->ended_wall / NS_PER_S);
	xmlwriter_begin(out->xml, "status");
	xmlwriter_text(out->xml, "state", answer ? "up" : "unknown");
	if (bad != RP_REASON_NONE)
		xmlwriter_text(out->xml, "reason", rp_reason_name(bad));
	else
		xmlwriter_text(out->xml, "reason",
			       rp_reason_name(answer ? (enum rp_reason)answer->reason : RP_REASON_NO_RESPONSE));
	xmlwriter_number(out->xml, "reason_ttl", answer ? answer->ttl : 0);
	xmlwriter_end(out->xml);
	xmlwriter_begin(out->xml, "address");
	xmlwriter_text(out->xml, "addr", rp_addr_format(target.address, address));
	xmlwriter_text(out->xml, "addrtype", "ipv4");
	xmlwriter_end(out->xml);
	put_names(out, index);
	xmlwriter_begin(out->xml, "ports");
}

/* In microseconds; `to` is how long the next answer would be waited for (RFC 6298). */
static void put_times(struct out *out, uint32_t index)
{
	const struct out_results *results = out->run->results;
	struct rp_stats stats;

	results->stats(results->user, index, &stats);
	if (!stats.samples)
		return;
	int64_t wait = stats.rtt_mean + 4 * stats.rtt_mdev;

	wait = wait < results->config->min_rtt_timeout ? results->config->min_rtt_timeout : wait;
	wait = wait > results->config->max_rtt_timeout ? results->config->max_rtt_timeout : wait;
	xmlwriter_begin(out->xml, "times");
	xmlwriter_number(out->xml, "srtt", stats.rtt_mean / NS_PER_US);
	xmlwriter_number(out->xml, "rttvar", stats.rtt_mdev / NS_PER_US);
	xmlwriter_number(out->xml, "to", wait / NS_PER_US);
	xmlwriter_end(out->xml);
}

static void put_host(struct out *out, uint32_t index, const struct scan_view *view, struct strbuf *text)
{
	struct strbuf findings;

	strbuf_init(&findings);
	add_findings(view->host, &findings);
	add_unknown(view, &findings);
	if (view->asked == 0 && view->host->reason != RP_REASON_NONE)
		strbuf_add(&findings, rp_reason_name(view->host->reason));
	begin_host(out, index, view->answer, view->host->reason);
	for (unsigned state = RP_STATE_UNKNOWN + 1; state < SCAN_STATES; state++)
		if (view->folded[state])
			put_extra_ports(out, view, state);
	for (uint32_t i = 0; i < view->asked; i++) {
		if (!scan_table_is_row(view, &view->ports[i]) || view->ports[i].state == RP_STATE_UNKNOWN)
			continue;
		put_port(out, rp_ports_at(view->list, i), &view->ports[i]);
		if (out->strict)
			add_port_notes(rp_ports_at(view->list, i), &view->ports[i], &findings);
	}
	xmlwriter_end(out->xml);
	put_script(out, &findings);
	put_times(out, index);
	xmlwriter_end(out->xml);
	xmlwriter_take(out->xml, text);
	strbuf_fini(&findings);
}

static void put_revision(struct out *out, const struct scan_news *news, struct strbuf *text)
{
	const struct scan_port *port = news->port;
	struct strbuf notes;

	strbuf_init(&notes);
	begin_host(out, news->target, port->ttl && port->from.family == RP_FAMILY_NONE ? port : NULL, RP_REASON_NONE);
	put_port(out, news->event->port, port);
	xmlwriter_end(out->xml);
	if (out->strict)
		add_port_notes(news->event->port, port, &notes);
	put_script(out, &notes);
	xmlwriter_end(out->xml);
	xmlwriter_take(out->xml, text);
	strbuf_fini(&notes);
}

/* ---- the run ---------------------------------------------------------------------------------- */

static void xml_fini(struct out *out)
{
	xmlwriter_free(out->xml);
	xmlwriter_free(out->ending);
}

static int xml_init(struct out *out)
{
	int error = xmlwriter_new(&out->xml);

	out->strict = out->run->own != NULL && strcmp(out->run->own, "nmap") == 0;
	return error < 0 ? error : xmlwriter_new(&out->ending);
}

static void xml_scan(struct out *out, const struct scan_news *news, struct strbuf *text)
{
	if (news->kind == SCAN_HOST)
		put_host(out, news->target, news->view, text);
	else if (news->kind == SCAN_REVISION)
		put_revision(out, news, text);
}

/* `error` is NULL after a run that was completed. */
static void put_runstats(const struct out *out, struct xmlwriter *xml, const char *error)
{
	const struct scan_table *table = out->run->results->scan;
	char seconds[NS_TEXT_SIZE];
	struct strbuf summary;

	strbuf_init(&summary);
	strbuf_addf(&summary, "%s done at ", out->run->tool);
	scan_table_add_date(&summary, table->ended_wall);
	strbuf_add(&summary, "; ");
	scan_table_add_summary(table, &summary);
	xmlwriter_begin(xml, "runstats");
	xmlwriter_begin(xml, "finished");
	xmlwriter_number(xml, "time", table->ended_wall / NS_PER_S);
	put_date(xml, "timestr", table->ended_wall);
	xmlwriter_text(xml, "summary", summary.failed ? "" : summary.text);
	xmlwriter_text(xml, "elapsed", ns_format_s(table->duration, 2, seconds));
	xmlwriter_text(xml, "exit", error ? "error" : "success");
	if (error)
		xmlwriter_text(xml, "errormsg", error);
	xmlwriter_end(xml);
	strbuf_fini(&summary);
	xmlwriter_begin(xml, "hosts");
	xmlwriter_number(xml, "up", table->up);
	xmlwriter_number(xml, "down", 0);
	xmlwriter_number(xml, "total", table->scanned);
	xmlwriter_end(xml);
	xmlwriter_end(xml);
}

static void xml_finish(struct out *out, struct strbuf *text)
{
	enum rp_end end = out->run->results->scan->end;

	put_runstats(out, out->xml, end == RP_END_COMPLETE ? NULL : rp_end_name(end));
	xmlwriter_end_document(out->xml);
	xmlwriter_take(out->xml, text);
}

/* The document's own writer has <nmaprun> open and must go on. */
static void xml_end_here(struct out *out, struct strbuf *text)
{
	put_runstats(out, out->ending, "cut short");
	xmlwriter_take(out->ending, text);
	strbuf_add(text, "\n</nmaprun>\n");
}

const struct out_type out_xml = {
	.name = "xml",
	.merges = true,
	.size = sizeof(struct out),
	.init = xml_init,
	.start = xml_start,
	.scan = xml_scan,
	.finish = xml_finish,
	.end_here = xml_end_here,
	.fini = xml_fini,
};
