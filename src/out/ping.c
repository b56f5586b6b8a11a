/* SPDX-License-Identifier: MIT */
/*
 * A series as text: iputils' lines, so that everything that reads ping reads this. Its rule: no new words
 * within iputils' lines, only after them. What iputils has no line for:
 *
 * - a reply whose round trip exceeds the timeout is its reply line with " (late)" at the end;
 * - a probe that stood in this host for longer than its round trip took has " (queued 690 ms)" behind it;
 * - an answer that is not believed has a line of its own (with -v), without '=' and " bytes from ";
 * - several targets: each line begins with the target.
 *
 * TCP series have the same lines with "open from ADDRESS:PORT:" and syn_seq. One that goes to several ports or hosts
 * has HOST:PORT before each line, so wide that what follows is aligned, and a block of statistics for each before that
 * of all.
 */
#include <inttypes.h>

#include "base/ns.h"
#include "out/ip_options.h"
#include "out/out.h"
#include "out/report.h"
#include "wire/icmp.h"
#include "wire/payload.h"
#include "out/ping.h"
#include "out/changes.h"

struct out {
	const struct out_run *run;
	const struct ping_switches *switches;
	bool group;
	bool tcp;
	uint32_t targets;
	uint32_t ports;
	size_t width;  /* of what stands before a line */
	uint64_t rung; /* the bell, for this probe last */
	struct ip_options_route route;
	struct changes *changes;
};

static int ping_init(struct out *out)
{
	const struct rp_config *config = out->run->results->config;

	out->switches = ping_switches(out->run);
	out->group = report_is_group(config);
	out->tcp = out->run->ports;
	out->targets = rp_targets_count(config->targets);
	out->ports = out->tcp ? rp_ports_count(rp_targets_all_ports(config->targets)) : 0;
	out->width = out->tcp ? ping_summary_width(out->run) : 0;
	return changes_open(&out->changes, out->run->results);
}

static void ping_fini(struct out *out)
{
	changes_close(out->changes);
}

static void add_ports(const struct out *out, struct strbuf *text)
{
	if (out->ports > 1)
		strbuf_addf(text, "%" PRIu32 " ports ", out->ports);
	else
		strbuf_addf(text, "port %u ", rp_ports_at(rp_targets_all_ports(out->run->results->config->targets), 0));
}

static void ping_start(struct out *out, struct strbuf *text)
{
	const struct rp_config *config = out->run->results->config;
	char address[RP_ADDR_TEXT_SIZE];
	struct strbuf title;

	if (config->pattern_length && !out->run->quiet) {
		strbuf_add(text, "PATTERN: 0x");
		for (unsigned i = 0; i < config->pattern_length; i++)
			strbuf_addf(text, "%02x", config->pattern[i]);
		strbuf_add_char(text, '\n');
	}
	strbuf_init(&title);
	ping_summary_add_title(out->run, &title);
	strbuf_add(text, out->tcp ? "SYN " : "PING ");
	strbuf_add_escaped(text, title.failed ? "?" : title.text);
	strbuf_add_char(text, ' ');
	strbuf_fini(&title);
	if (out->targets == 1)
		strbuf_addf(text, "(%s) ", rp_addr_format(rp_targets_at(config->targets, 0).address, address));
	if (out->tcp)
		add_ports(out, text);
	if (out->switches->show_source || config->interface) {
		strbuf_addf(text, "from %s ", rp_addr_format(out->run->source, address));
		if (config->interface)
			strbuf_add_escaped(text, config->interface);
		strbuf_add(text, ": ");
	}
	strbuf_addf(text, "%u", config->payload_length);
	if (!out->tcp)
		strbuf_addf(text, "(%u)",
			    config->payload_length + 28u + (config->ip_option != RP_IP_OPTION_NONE ? 40 : 0));
	strbuf_add(text, " bytes of data.\n");
}

/* What comes before any line: the time, and the target where there are several. */
static void begin_line(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	char address[RP_ADDR_TEXT_SIZE];

	ping_summary_add_time(out->run, event->wall, text);
	if (out->targets <= 1 && out->ports <= 1)
		return;
	size_t start = text->length;
	if (event->target >= out->targets)
		strbuf_add(text, rp_addr_format(event->address, address));
	else
		strbuf_add_escaped(
			text, report_host(rp_targets_at(out->run->results->config->targets, event->target), address));
	if (out->tcp)
		strbuf_addf(text, ":%u", event->port);
	strbuf_add_char(text, ':');
	do
		strbuf_add_char(text, ' ');
	while (text->length - start < out->width && !text->failed);
}

static void add_sequence(const struct out *out, uint64_t sequence, struct strbuf *text)
{
	if (out->tcp)
		strbuf_addf(text, "syn_seq=%" PRIu64, sequence);
	else
		strbuf_addf(text, "icmp_seq=%u", (unsigned)(sequence & 0xffff)); /* what the packet can hold */
}

/* iputils' rows begin after the 16 bytes of its time stamp; earlier only when the difference is there. */
static void add_wrong_data(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	const struct rp_packet *packet = event->packet;
	size_t offset = event->wrong_data_offset;
	size_t first = offset < 16 ? 0 : 16;

	uint8_t expected;

	if (offset >= packet->payload_length)
		return;
	payload_fill(out->run->results->config, offset, &expected, 1);
	strbuf_addf(text, "\nwrong data byte #%zu should be 0x%x but was 0x%x", offset, expected,
		    packet->payload[offset]);
	for (size_t i = first; i < packet->payload_length; i++) {
		if ((i - first) % 32 == 0)
			strbuf_addf(text, "\n#%zu\t", i);
		strbuf_addf(text, "%x ", packet->payload[i]);
	}
}

static void add_breakdown(const struct rp_event *event, struct strbuf *text)
{
	char held[NS_TEXT_SIZE], woken[NS_TEXT_SIZE];

	if (event->tx_queue != RP_TIME_NONE || event->rx_wakeup != RP_TIME_NONE)
		strbuf_addf(text, " (tx queue %s ms, rx wakeup %s ms)", ns_format_ms(event->tx_queue, held),
			    ns_format_ms(event->rx_wakeup, woken));
}

static bool truncated(const struct out *out, const struct rp_event *event)
{
	return !out->tcp && event->packet && event->packet->payload_length < out->run->results->config->payload_length;
}

static void add_reply(struct out *out, const struct rp_event *event, const char *suffix, struct strbuf *text)
{
	const struct rp_packet *packet = event->packet;
	char time[NS_TEXT_SIZE];

	begin_line(out, event, text);
	if (out->tcp)
		strbuf_add(text, rp_state_name(event->state));
	else
		strbuf_addf(text, "%zu bytes", packet ? packet->length - packet->ip.header_length : 0);
	strbuf_add(text, " from ");
	report_add_address(text, out->run, event->from);
	if (out->tcp)
		strbuf_addf(text, ":%u", event->port);
	strbuf_add(text, ": ");
	add_sequence(out, event->sequence, text);
	if (packet && !out->tcp && out->run->verbose)
		strbuf_addf(text, " ident=%u", packet->icmp.identifier);
	if (packet)
		strbuf_addf(text, " ttl=%u", packet->ip.time_to_live);
	if (truncated(out, event)) {
		strbuf_add(text, " (truncated)\n");
		return;
	}
	if (event->rtt != RP_TIME_NONE)
		strbuf_addf(text, " time=%s ms",
			    out->switches->precise ? ns_format_ms(event->rtt, time) : ns_format_ping(event->rtt, time));
	if (out->switches->breakdown)
		add_breakdown(event, text);
	else if (event->queued)
		strbuf_addf(text, " (queued %s ms)", ns_format_ping(event->tx_queue, time));
	strbuf_add(text, suffix);
	if (event->different_address && !out->group)
		strbuf_add(text, " (DIFFERENT ADDRESS!)");
	if (packet && !out->tcp && packet->payload_length > out->run->results->config->payload_length)
		strbuf_add(text, " (longer than sent)");
	if (packet && !out->tcp && packet->icmp.code != 0)
		strbuf_addf(text, " (code %u)", packet->icmp.code);
	if (packet && event->kind == RP_EVENT_REPLY &&
	    event->wrong_data_offset < out->run->results->config->payload_length)
		add_wrong_data(out, event, text);
	if (packet && !out->tcp)
		ip_options_add(text, out->run, &packet->ip, &out->route);
	if (out->switches->audible)
		strbuf_add_char(text, '\a');
	strbuf_add_char(text, '\n');
}

static bool advice(const struct rp_event *event)
{
	return event->packet && icmp_is_advice(&event->packet->icmp);
}

/* iputils writes a colon for what it does not count as an error. */
static void add_error(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	begin_line(out, event, text);
	strbuf_add(text, "From ");
	report_add_address(text, out->run, event->from);
	strbuf_add(text, advice(event) ? ": " : " ");
	add_sequence(out, event->sequence, text);
	strbuf_add_char(text, ' ');
	if (event->packet)
		out_icmp_text(text, event->packet);
	if (event->packet && event->packet->quote.present && !event->packet->header_made && out->run->verbose)
		ip_header_add(text, out->run, &event->packet->quote.ip);
	strbuf_add_char(text, '\n');
}

/* Once for each probe. One that an error came for is not overdue, when it is the last. */
static void ring(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	if (!out->switches->bell_on_loss || event->sequence <= out->rung)
		return;
	out->rung = event->sequence;
	strbuf_add_char(text, '\a');
}

static void add_overdue(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	if (out->switches->quiet_overdue)
		return;
	begin_line(out, event, text);
	strbuf_add(text, "no answer yet for ");
	add_sequence(out, event->sequence, text);
	strbuf_add_char(text, '\n');
}

/* The name leads elsewhere. */
static void add_address(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	char address[RP_ADDR_TEXT_SIZE];

	begin_line(out, event, text);
	strbuf_add_escaped(text,
			   report_host(rp_targets_at(out->run->results->config->targets, event->target), address));
	strbuf_addf(text, " has the address %s now", rp_addr_format(event->address, address));
	if (event->from.family != RP_FAMILY_NONE)
		strbuf_addf(text, ", no longer %s", rp_addr_format(event->from, address));
	strbuf_add_char(text, '\n');
}

static void add_suspect(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	const struct rp_packet *packet = event->packet;

	if (event->suspicion == RP_SUSPECT_CHECKSUM && !out->tcp && packet && packet->icmp.type == RP_ICMP_ECHO_REPLY) {
		add_reply(out, event, " (BAD CHECKSUM!)", text);
		return;
	}
	if (!out->run->verbose)
		return;
	begin_line(out, event, text);
	strbuf_add(text, "Suspect answer from ");
	report_add_address(text, out->run, event->from);
	strbuf_addf(text, " not counted: %s\n", rp_suspicion_name(event->suspicion));
}

/* Duplicates take no dot back: there is none of theirs. */
static void add_flood(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	bool reply = event->kind == RP_EVENT_REPLY || event->kind == RP_EVENT_DUPLICATE;

	if (event->kind == RP_EVENT_SENT)
		strbuf_add_char(text, '.');
	else if (event->kind == RP_EVENT_REPLY)
		strbuf_add(text, "\b \b");
	else if (event->kind == RP_EVENT_UNSENT)
		strbuf_add_char(text, 'E');
	else if (event->kind == RP_EVENT_ERROR && !advice(event))
		strbuf_add(text, "\bE");
	else if (event->kind == RP_EVENT_SUSPECT && event->suspicion == RP_SUSPECT_CHECKSUM)
		strbuf_add(text, "\bC");
	if (reply && out->switches->audible)
		strbuf_add_char(text, '\a');
}

static void add_outage(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	if (!out->switches->outages)
		return;
	begin_line(out, event, text);
	changes_add_outage(text, event);
}

/* Behind the line of the answer that shows it. */
static void add_change(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	struct change_seen change;

	if (!changes_event(out->changes, event, &change) || !out->switches->changes)
		return;
	begin_line(out, event, text);
	changes_add_change(text, &change, event->sequence);
}

static void add_bad(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	ping_summary_add_time(out->run, event->wall, text);
	strbuf_add_escaped(text, rp_targets_at(out->run->results->config->targets, event->target).name);
	strbuf_addf(text, ": not probed: %s\n", rp_reason_name(event->reason));
}

static void add_line(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	if (event->kind == RP_EVENT_OVERDUE || event->kind == RP_EVENT_TIMEOUT)
		ring(out, event, text);
	if (event->kind == RP_EVENT_OVERDUE)
		add_overdue(out, event, text); /* with -q and -f, too, as in iputils */
	if (out->run->quiet || out->run->muted)
		return;
	if (out->switches->flood) {
		add_flood(out, event, text);
		return;
	}
	switch (event->kind) {
	case RP_EVENT_REPLY:
		add_reply(out, event, event->remarks & RP_REMARK_MAYBE_REPEATED ? " (repeated?)" : "", text);
		add_change(out, event, text);
		break;
	case RP_EVENT_DUPLICATE:
		add_reply(out, event, out->group && !out->run->verbose ? "" : " (DUP!)", text);
		break;
	case RP_EVENT_REPEATED:
		add_reply(out, event, " (repeated)", text);
		break;
	case RP_EVENT_LATE:
		add_reply(out, event, " (late)", text);
		break;
	case RP_EVENT_ERROR:
		add_error(out, event, text);
		break;
	case RP_EVENT_SUSPECT:
		add_suspect(out, event, text);
		break;
	case RP_EVENT_ADDRESS:
		add_address(out, event, text);
		break;
	case RP_EVENT_OUTAGE:
		add_outage(out, event, text);
		break;
	case RP_EVENT_SENT:
	case RP_EVENT_OVERDUE: /* above */
	case RP_EVENT_UNSENT:  /* the tool says it on stderr */
	case RP_EVENT_TIMEOUT: /* OVERDUE came before, where it is wanted */
	case RP_EVENT_PORT:
	case RP_EVENT_DONE:
		break;
	case RP_EVENT_HOST: /* of a series: it could not be probed */
		add_bad(out, event, text);
		break;
	}
}

static unsigned ping_events(const struct out *out)
{
	if (out_shows_packets(out->run))
		return OUT_EVENTS_ALL;
	if (out->run->quiet)
		return OUT_EVENT(RP_EVENT_OVERDUE) | OUT_EVENT(RP_EVENT_TIMEOUT) | OUT_EVENT(RP_EVENT_DONE);
	return out->switches->flood ? OUT_EVENTS_ALL : ~OUT_EVENT(RP_EVENT_SENT);
}

static void ping_event(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	add_line(out, event, text);
	report_add_packet(text, out->run, event);
}

/* Of those that would have had a line. */
static void ping_omitted(struct out *out, const struct out_omitted *omitted, struct strbuf *text)
{
	struct out_omitted lines = *omitted;
	struct strbuf words;

	if (out->run->quiet || out->switches->flood)
		return;
	if (!out->run->verbose)
		lines.count[OUT_OMITTED_SUSPECT] = 0;
	if (!out->run->verbose && out->tcp)
		lines.count[OUT_OMITTED_CHECKSUM] = 0;
	strbuf_init(&words);
	report_add_omitted(&words, &lines);
	if (words.length > 0) {
		ping_summary_add_time(out->run, omitted->wall, text);
		strbuf_addf(text, "%s\n", words.text);
	}
	text->failed |= words.failed;
	strbuf_fini(&words);
}

static void ping_finish(struct out *out, struct strbuf *text)
{
	const struct out_run *run = out->run;
	struct rp_stats stats;

	run->results->stats(run->results->user, RP_ALL_TARGETS, &stats);
	if (out->switches->outages && stats.outages > 0) {
		if (out->switches->flood && !run->quiet)
			strbuf_add_char(text, '\n'); /* behind the dots */
		changes_add_outages(text, &stats, out->targets == 1 && out->ports <= 1);
	}
	ping_summary_add_end(run, text);
	if (run->verdict)
		run->verdict(run->verdict_user, 0, false, text);
}

const struct out_type out_ping = {
	.name = "ping",
	.size = sizeof(struct out),
	.init = ping_init,
	.start = ping_start,
	.event = ping_event,
	.events = ping_events,
	.omitted = ping_omitted,
	.finish = ping_finish,
	.fini = ping_fini,
};
