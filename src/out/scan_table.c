/* SPDX-License-Identifier: MIT */
/* Keeps hosts and ports, and says which ports are folded: by nmap's rule. */
#include "out/scan_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/ns.h"
#include "out/report.h"

/* More ports than this in one state other than open become a line instead of rows. */
#define ROWS_OF_ONE_STATE 25

struct scan_table *scan_table_new(const struct out_run *run)
{
	struct scan_table *table = calloc(1, sizeof *table);

	if (table == NULL)
		return NULL;
	table->run = run;
	table->targets = rp_targets_count(run->results->config->targets);
	table->ports = rp_ports_count(rp_targets_all_ports(run->results->config->targets));
	table->end = RP_END_STOPPED;
	table->ended_wall = run->started.wall;
	table->list = calloc(table->targets, sizeof *table->list);
	if (table->list != NULL)
		return table;
	free(table);
	return NULL;
}

void scan_table_free(struct scan_table *table)
{
	for (uint32_t i = 0; table != NULL && i < table->targets; i++)
		free(table->list[i].ports);
	if (table != NULL)
		free(table->list);
	free(table);
}

static bool is_undecided(unsigned state, unsigned reason)
{
	return state == RP_STATE_UNKNOWN && reason == RP_REASON_NONE;
}

/* Its probe was sent without a stamp: a moment before it left is all that is known of that. */
static bool is_untimed(const struct rp_event *event)
{
	return event->rtt == RP_TIME_NONE && event->clock == RP_CLOCK_USER && event->sent.ns != RP_TIME_NONE &&
	       event->received.ns > event->sent.ns;
}

/* What is kept of a PORT event. */
static void port_fill(struct scan_port *port, const struct rp_event *event)
{
	*port = (struct scan_port){
		.rtt = is_untimed(event) ? event->received.ns - event->sent.ns : event->rtt,
		.untimed = is_untimed(event),
		.wall = event->wall,
		.state = (uint8_t)event->state,
		.reason = (uint8_t)event->reason,
		.queued = event->queued ? event->tx_queue : 0,
		.late = event->late,
		.conflict = event->conflict,
		.remarks = (uint16_t)event->remarks,
		.tries = (uint8_t)(event->attempt < UINT8_MAX ? event->attempt : UINT8_MAX),
	};
	if (!rp_addr_equal(event->from, event->address))
		port->from = event->from;
	if (!event->packet)
		return;
	port->ttl = event->packet->ip.time_to_live;
	if (event->packet->ip.protocol == RP_PROTOCOL_TCP) {
		port->tcp = true;
		port->window = event->packet->tcp.window;
		port->mss = event->packet->tcp.has_mss ? event->packet->tcp.mss : 0;
	}
}

static void view_host(const struct scan_table *table, uint32_t index, struct scan_view *view)
{
	const struct scan_host *host = &table->list[index];
	uint32_t limit = table->run->only_open ? 0 : ROWS_OF_ONE_STATE * (table->run->verbose + 1);

	*view = (struct scan_view){
		.host = host, .list = rp_grid_ports(table->run->results->grid, index), .ports = host->ports};
	view->asked = rp_ports_count(view->list);
	for (uint32_t i = 0; host->ports && i < view->asked; i++) {
		const struct scan_port *port = &host->ports[i];

		view->counts[port->state][port->reason]++;
		view->totals[port->state]++;
		if (!view->answer && port->ttl && port->from.family == RP_FAMILY_NONE)
			view->answer = port;
	}
	if (!host->ports)
		view->totals[RP_STATE_UNKNOWN] = view->counts[RP_STATE_UNKNOWN][RP_REASON_NONE] = view->asked;
	view->undecided = view->counts[RP_STATE_UNKNOWN][RP_REASON_NONE];
	view->folded[RP_STATE_UNKNOWN] = view->totals[RP_STATE_UNKNOWN] - view->undecided > limit;
	view->folded[RP_STATE_OPEN] =
		host->findings & RP_FINDING_ANSWERS_EVERYTHING && view->totals[RP_STATE_OPEN] > ROWS_OF_ONE_STATE;
	view->folded[RP_STATE_CLOSED] = view->totals[RP_STATE_CLOSED] > limit;
	view->folded[RP_STATE_FILTERED] = view->totals[RP_STATE_FILTERED] > limit;
	for (unsigned state = 0; state < SCAN_STATES; state++)
		view->rows += view->folded[state] ? 0 : view->totals[state];
	if (!view->folded[RP_STATE_UNKNOWN])
		view->rows -= view->undecided;
}

bool scan_table_is_row(const struct scan_view *view, const struct scan_port *port)
{
	return !view->folded[port->state] && !is_undecided(port->state, port->reason);
}

/* ---- reports ---------------------------------------------------------------------------------- */

/* Who reports. */
struct reporter {
	void (*report)(void *user, const struct scan_news *news);
	void *user;
};

static void finish_host(struct scan_table *table, uint32_t target, const struct reporter *reporter)
{
	struct scan_host *host = &table->list[target];
	struct scan_view view;
	struct scan_news news = {.kind = SCAN_HOST, .target = target, .host = host, .view = &view};

	if (host->reported)
		return;
	view_host(table, target, &view);
	struct rp_target about = rp_targets_at(table->run->results->config->targets, target);
	if (!about.follows && about.bad == RP_REASON_NONE) {
		table->unfinished += view.undecided != 0;
		table->up += view.answer != NULL;
		table->scanned += view.asked != 0;
	}
	table->asked += view.asked;
	host->reported = true;
	if (host->reason == RP_REASON_NONE && view.undecided == view.asked)
		news.kind = SCAN_NOTHING;
	if (!table->run->only_open || view.totals[RP_STATE_OPEN] > 0)
		reporter->report(reporter->user, &news);
	free(host->ports);
	host->ports = NULL;
}

static int take_port(struct scan_table *table, const struct rp_event *event, const struct reporter *reporter)
{
	struct scan_host *host = &table->list[event->target];
	const struct rp_ports *ports = rp_grid_ports(table->run->results->grid, event->target);
	struct scan_news news = {.kind = SCAN_PORT, .target = event->target, .host = host, .event = event};
	int64_t index = rp_ports_find(ports, event->port);
	struct scan_port port;

	if (index < 0 || is_undecided(event->state, event->reason))
		return 0;
	port_fill(&port, event);
	if (host->reported) {
		news.kind = SCAN_REVISION;
		news.port = &port;
		if (!table->run->only_open || event->state == RP_STATE_OPEN)
			reporter->report(reporter->user, &news);
		return 0;
	}
	if (host->ports == NULL)
		host->ports = calloc(rp_ports_count(ports), sizeof *host->ports);
	if (host->ports == NULL)
		return -ENOMEM;
	host->ports[index] = port;
	reporter->report(reporter->user, &news);
	return 0;
}

int scan_table_event(struct scan_table *table, const struct rp_event *event,
		     void (*report)(void *user, const struct scan_news *news), void *user)
{
	const struct reporter reporter = {report, user};
	struct scan_host *host = event->target < table->targets ? &table->list[event->target] : NULL;

	table->ended_wall = event->wall;
	table->duration = event->time - table->run->started.ns;
	if (event->kind == RP_EVENT_DONE)
		table->end = event->end;
	if (event->kind == RP_EVENT_SUSPECT)
		*(host != NULL ? &host->suspects : &table->strangers) += 1;
	if (event->kind == RP_EVENT_PORT && host != NULL)
		return take_port(table, event, &reporter);
	if (event->kind == RP_EVENT_HOST && host != NULL && !host->reported) {
		host->findings = event->findings;
		host->reason = event->reason;
		finish_host(table, event->target, &reporter);
	}
	return 0;
}

void scan_table_finish(struct scan_table *table, void (*report)(void *user, const struct scan_news *news), void *user)
{
	const struct reporter reporter = {report, user};

	for (uint32_t i = 0; i < table->targets; i++)
		finish_host(table, i, &reporter);
}

/* ---- words ---- */

struct range {
	struct strbuf *text;
	const char *comma;
	uint32_t first, last;
};

static void range_end(struct range *range)
{
	if (range->first > range->last)
		return;
	strbuf_addf(range->text, "%s%" PRIu32, range->comma, range->first);
	if (range->last > range->first)
		strbuf_addf(range->text, "-%" PRIu32, range->last);
	range->comma = ",";
}

static void range_add(struct range *range, uint16_t port)
{
	if (range->first <= range->last && port == range->last + 1) {
		range->last = port;
		return;
	}
	range_end(range);
	range->first = range->last = port;
}

void scan_table_add_ports(const struct scan_table *table, struct strbuf *text)
{
	struct range range = {.text = text, .comma = "", .first = 1};

	for (uint32_t i = 0; i < table->ports; i++)
		range_add(&range, rp_ports_at(rp_targets_all_ports(table->run->results->config->targets), i));
	range_end(&range);
}

void scan_table_add_ports_of(const struct scan_view *view, unsigned state, unsigned reason, struct strbuf *text)
{
	struct range range = {.text = text, .comma = "", .first = 1};

	for (uint32_t i = 0; i < view->asked; i++)
		if (view->ports[i].state == state && view->ports[i].reason == reason)
			range_add(&range, rp_ports_at(view->list, i));
	range_end(&range);
}

static void add_word(struct strbuf *text, size_t begin, const char *word)
{
	if (text->length > begin)
		strbuf_add_char(text, ' ');
	strbuf_add(text, word);
}

void scan_table_add_notes(const struct scan_port *port, struct strbuf *text)
{
	size_t begin = text->length;

	if (port->late)
		add_word(text, begin, "late");
	if (port->conflict)
		add_word(text, begin, "conflict");
	for (unsigned bit = 1; bit <= port->remarks; bit *= 2)
		if (port->remarks & bit)
			add_word(text, begin, rp_remark_name((enum rp_remark)bit));
}

void scan_table_add_findings(const struct scan_host *host, struct strbuf *text)
{
	size_t begin = text->length;

	for (unsigned bit = 1; bit <= host->findings; bit *= 2)
		if (host->findings & bit)
			add_word(text, begin, rp_finding_name((enum rp_finding)bit));
}

/* In the order of the findings' bits. */
const char *scan_table_finding_sentence(enum rp_finding finding)
{
	static const char *const sentences[] = {
		"Its open ports say little: ports picked at random answer too, as with a SYN proxy or a tarpit",
		"No SYN-ACK had a window and options, so no TCP made them",
		"A few ports were refused and many are silent, likely rate-limited ICMP of one rule",
		"Closed ports answered at a rate and no faster: it limits its RSTs, or the path is narrow",
		"All its SYN-ACKs were made in the same manner",
		"Its SYN-ACKs have several TTLs: more than one machine answers, or by several paths",
		"Some of its filtered ports may be closed: not all were asked again at that rate",
		"It has likely banned this scan, or is gone: what answered no longer does; later ports are unknown",
	};
	unsigned place = (unsigned)__builtin_ctz(finding);

	return place < sizeof sentences / sizeof sentences[0] ? sentences[place] : "";
}

void scan_table_add_date(struct strbuf *text, int64_t wall)
{
	time_t seconds = (time_t)(wall / NS_PER_S);
	char date[32];
	struct tm at;

	if (localtime_r(&seconds, &at) && strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &at) > 0)
		strbuf_add(text, date);
}

void scan_table_add_summary(const struct scan_table *table, struct strbuf *text)
{
	char seconds[NS_TEXT_SIZE];

	strbuf_addf(text, "%" PRIu32 " IP address%s (%" PRIu32 " host%s up) scanned in %s seconds", table->scanned,
		    table->scanned == 1 ? "" : "es", table->up, table->up == 1 ? "" : "s",
		    ns_format_s(table->duration, 2, seconds));
}
