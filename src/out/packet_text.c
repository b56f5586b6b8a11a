/* SPDX-License-Identifier: MIT */
/* Packets below the lines of their events, for -x and --decode. */
#include <inttypes.h>

#include "base/ns.h"
#include "dissect/decode.h"
#include "dissect/dump.h"
#include "out/report.h"

/* "probe 7", "probe 7 of port 80", "try 2 of port 80" */
static void add_probe(struct strbuf *text, const struct rp_event *event)
{
	if (event->sequence > 0)
		strbuf_addf(text, "probe %" PRIu64, event->sequence);
	else
		strbuf_addf(text, "try %u", event->attempt);
	if (event->port > 0)
		strbuf_addf(text, " of port %u", event->port);
}

static void add_head(struct strbuf *text, const struct rp_event *event)
{
	bool sent = event->kind == RP_EVENT_SENT;
	char time[NS_TEXT_SIZE];

	strbuf_addf(text, "%s, %zu bytes%s [", sent ? "Sent" : "Received", event->packet->length,
		    event->packet->header_made ? ", with an IP header that is not the one on the wire" : "");
	if (event->kind == RP_EVENT_SUSPECT) {
		strbuf_addf(text, "not believed: %s]:\n", rp_suspicion_name(event->suspicion));
		return;
	}
	if (!sent)
		strbuf_add(text, event->kind == RP_EVENT_ERROR ? "about " : "answers ");
	add_probe(text, event);
	if (event->kind == RP_EVENT_DUPLICATE)
		strbuf_add(text, " again");
	else if (event->kind == RP_EVENT_REPEATED)
		strbuf_add(text, ", repeated by the target");
	else if (event->kind == RP_EVENT_LATE)
		strbuf_add(text, " late");
	if (event->rtt != RP_TIME_NONE && !sent)
		strbuf_addf(text, ", after %s ms (%s clock)", ns_format_ms(event->rtt, time),
			    rp_clock_name(event->clock));
	strbuf_add(text, "]:\n");
}

void report_add_packet(struct strbuf *text, const struct out_run *run, const struct rp_event *event)
{
	/* Of these two the packet was shown when it came. */
	bool again = event->kind == RP_EVENT_PORT || event->kind == RP_EVENT_HOST;

	if (event->packet == NULL || again || run->muted || !out_shows_packets(run))
		return;
	add_head(text, event);
	if (run->decode == OUT_DECODE_BRIEF)
		decode_brief(text, event->packet);
	else if (run->decode == OUT_DECODE_FULL)
		decode_full(text, event->packet);
	if (run->decode != OUT_DECODE_NONE && event->probe_packet != NULL)
		decode_compare(text, event->packet, event->probe_packet);
	if (run->hexdump)
		dump_hex(text, event->packet->bytes, event->packet->length);
}
