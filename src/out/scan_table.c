/* SPDX-License-Identifier: MIT */
/* Hides what is kept of hosts and ports, and which ports are folded; the rule of folding is nmap's. */
#include "out/scan_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/ns.h"
#include "out/report.h"

/* More ports than this in one state other than open become a line instead of rows. */
#define ROWS_OF_ONE_STATE 25

int scan_table_init(struct scan_table *hosts, const struct out_run *run, const struct scan_table_teller *teller)
{
	*hosts = (struct scan_table){
		.run = run,
		.teller = teller,
		.targets = rp_targets_count(run->config->targets),
		.ports = rp_ports_count(run->config->ports),
		.end = RP_END_STOPPED,
		.ended_wall = run->started.wall,
	};
	hosts->list = calloc(hosts->targets, sizeof(*hosts->list));
	return hosts->list ? 0 : -ENOMEM;
}

void scan_table_fini(struct scan_table *hosts)
{
	for (uint32_t i = 0; hosts->list && i < hosts->targets; i++)
		free(hosts->list[i].ports);
	free(hosts->list);
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
static void scan_table_fill(struct scan_table_port *port, const struct rp_event *event)
{
	*port = (struct scan_table_port){
		.rtt = is_untimed(event) ? event->received.ns - event->sent.ns : event->rtt,
		.untimed = is_untimed(event),
		.wall = event->wall,
		.state = (uint8_t)event->state,
		.reason = (uint8_t)event->reason,
		.queued = event->queued ? event->tx_queue : 0,
		.late = event->late,
		.conflict = event->conflict,
		.remarks = (uint8_t)event->remarks,
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

static void scan_table_view(const struct scan_table *hosts, uint32_t index, struct scan_table_view *view)
{
	const struct scan_table_host *host = &hosts->list[index];
	uint32_t limit = hosts->run->only_open ? 0 : ROWS_OF_ONE_STATE * (hosts->run->verbose + 1);

	*view = (struct scan_table_view){
		.host = host, .list = rp_ports_of(hosts->run->config, index), .ports = host->ports};
	view->asked = rp_ports_count(view->list);
	for (uint32_t i = 0; host->ports && i < view->asked; i++) {
		const struct scan_table_port *port = &host->ports[i];

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
	for (unsigned state = 0; state < HOSTS_STATES; state++)
		view->rows += view->folded[state] ? 0 : view->totals[state];
	if (!view->folded[RP_STATE_UNKNOWN])
		view->rows -= view->undecided;
}

static bool is_empty(const struct scan_table *hosts, const struct scan_table_view *view)
{
	if (hosts->run->only_open)
		return view->totals[RP_STATE_OPEN] == 0;
	return view->host->reason == RP_REASON_NONE && view->undecided == view->asked &&
	       (view->asked == 0 || hosts->targets > hosts->teller->few);
}

bool scan_table_is_row(const struct scan_table_view *view, const struct scan_table_port *port)
{
	return !view->folded[port->state] && !is_undecided(port->state, port->reason);
}

/* ---- telling ---- */

static void tell_host(struct scan_table *hosts, uint32_t index, struct out *out, struct strbuf *text)
{
	struct scan_table_host *host = &hosts->list[index];
	struct scan_table_view view;

	if (host->told)
		return;
	scan_table_view(hosts, index, &view);
	if (!is_empty(hosts, &view))
		hosts->teller->host(out, index, &view, text);
	if (!rp_targets_at(hosts->run->config->targets, index).alias) {
		hosts->unfinished += view.undecided != 0;
		hosts->up += view.answer != NULL;
		hosts->scanned += view.asked != 0;
	}
	hosts->asked += view.asked;
	host->told = true;
	free(host->ports);
	host->ports = NULL;
}

static void tell_revision(const struct scan_table *hosts, const struct rp_event *event, struct out *out,
			  struct strbuf *text)
{
	struct scan_table_port port;

	if (hosts->run->only_open && event->state != RP_STATE_OPEN)
		return;
	scan_table_fill(&port, event);
	hosts->teller->revision(out, event, &port, text);
}

static void take_port(struct scan_table *hosts, const struct rp_event *event, struct out *out, struct strbuf *text)
{
	struct scan_table_host *host = &hosts->list[event->target];
	const struct rp_ports *ports = rp_ports_of(hosts->run->config, event->target);
	int64_t index = rp_ports_find(ports, event->port);

	if (index < 0 || is_undecided(event->state, event->reason))
		return;
	if (host->told) {
		tell_revision(hosts, event, out, text);
		return;
	}
	if (!host->ports)
		host->ports = calloc(rp_ports_count(ports), sizeof(*host->ports));
	if (!host->ports) {
		text->failed = true;
		return;
	}
	scan_table_fill(&host->ports[index], event);
	if (hosts->teller->port)
		hosts->teller->port(out, event, text);
}

void scan_table_event(struct scan_table *hosts, const struct rp_event *event, struct out *out, struct strbuf *text)
{
	bool known = event->target < hosts->targets;

	hosts->ended_wall = event->wall;
	hosts->duration = event->time - hosts->run->started.ns;
	if (event->kind == RP_EVENT_DONE) {
		hosts->end = event->end;
	} else if (event->kind == RP_EVENT_SUSPECT && known) {
		hosts->list[event->target].suspects++;
	} else if (event->kind == RP_EVENT_SUSPECT) {
		hosts->strangers++;
	} else if (event->kind == RP_EVENT_PORT && known) {
		take_port(hosts, event, out, text);
	} else if (event->kind == RP_EVENT_HOST && known && !hosts->list[event->target].told) {
		hosts->list[event->target].findings = event->findings;
		hosts->list[event->target].reason = event->reason;
		tell_host(hosts, event->target, out, text);
	}
}

void scan_table_finish(struct scan_table *hosts, struct out *out, struct strbuf *text)
{
	for (uint32_t i = 0; i < hosts->targets; i++)
		tell_host(hosts, i, out, text);
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

void scan_table_add_ports(const struct scan_table *hosts, struct strbuf *text)
{
	struct range range = {.text = text, .comma = "", .first = 1};

	for (uint32_t i = 0; i < hosts->ports; i++)
		range_add(&range, rp_ports_at(hosts->run->config->ports, i));
	range_end(&range);
}

void scan_table_add_ports_of(const struct scan_table_view *view, unsigned state, unsigned reason, struct strbuf *text)
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

void scan_table_add_notes(const struct scan_table_port *port, struct strbuf *text)
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

void scan_table_add_findings(const struct scan_table_host *host, struct strbuf *text)
{
	size_t begin = text->length;

	for (unsigned bit = 1; bit <= host->findings; bit *= 2)
		if (host->findings & bit)
			add_word(text, begin, rp_finding_name((enum rp_finding)bit));
}

const char *scan_table_finding_sentence(enum rp_finding finding)
{
	switch (finding) {
	case RP_FINDING_ANSWERS_EVERYTHING:
		return "Its open ports say little: ports picked at random answer too, as with a SYN proxy or a tarpit";
	case RP_FINDING_EMPTY_SYN_ACKS:
		return "No SYN-ACK had a window and options, so no TCP made them";
	case RP_FINDING_ICMP_LIMITED:
		return "A few ports were refused and many are silent, likely rate-limited ICMP of one rule";
	case RP_FINDING_RST_LIMITED:
		return "Closed ports answered at a rate and no faster: it limits its RSTs, or the path is narrow";
	case RP_FINDING_ONE_MAKE:
		return "All its SYN-ACKs were made in the same manner";
	case RP_FINDING_MIXED_TTLS:
		return "Its SYN-ACKs have several TTLs: more than one machine answers, or by several paths";
	case RP_FINDING_MAYBE_CLOSED:
		return "Some of its filtered ports may be closed: not all were asked again at that rate";
	case RP_FINDING_BANNED:
		return "It has likely banned this scan, or is gone: a port that answered does so no more, so later "
		       "ports are not known";
	}
	return "";
}

void scan_table_add_date(struct strbuf *text, int64_t wall)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = wall / NS_PER_S;
	struct tm at;

	if (!localtime_r(&seconds, &at))
		return;
	strbuf_addf(text, "%s %s %2d %02d:%02d:%02d %d", days[at.tm_wday], months[at.tm_mon], at.tm_mday, at.tm_hour,
		    at.tm_min, at.tm_sec, 1900 + at.tm_year);
}

void scan_table_add_summary(const struct scan_table *hosts, struct strbuf *text)
{
	char seconds[NS_TEXT_SIZE];

	strbuf_addf(text, "%" PRIu32 " IP address%s (%" PRIu32 " host%s up) scanned in %s seconds", hosts->scanned,
		    hosts->scanned == 1 ? "" : "es", hosts->up, hosts->up == 1 ? "" : "s",
		    ns_format_s(hosts->duration, 2, seconds));
}
