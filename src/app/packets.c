/* SPDX-License-Identifier: MIT */
/* Hides how long a packet's text may be (it is measured first), and the words for what it has to do with a probe. */
#include "app/packets.h"

#include <inttypes.h>

#include "base/ns.h"

/* Room for `size` bytes and a NUL at the end of the text, which is then as long as they say. */
static char *make_room(struct strbuf *text, size_t size)
{
	size_t length = text->length;

	for (size_t i = 0; i < size; i++)
		strbuf_add_char(text, ' ');
	return text->failed ? NULL : text->text + length;
}

static void add_decoded(struct strbuf *text, const struct rp_packet *packet, enum rp_detail detail)
{
	size_t size = rp_packet_decode(packet, detail, NULL, 0);
	char *room = make_room(text, size);

	if (room != NULL)
		rp_packet_decode(packet, detail, room, size + 1);
}

static void add_compared(struct strbuf *text, const struct rp_packet *answer, const struct rp_packet *probe)
{
	size_t size = rp_packet_compare(answer, probe, NULL, 0);
	char *room = make_room(text, size);

	if (room != NULL)
		rp_packet_compare(answer, probe, room, size + 1);
}

static void add_dumped(struct strbuf *text, const struct rp_packet *packet)
{
	size_t size = rp_packet_dump(packet, NULL, 0);
	char *room = make_room(text, size);

	if (room != NULL)
		rp_packet_dump(packet, room, size + 1);
}

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

	strbuf_addf(text, "%s, %zu bytes [", sent ? "Sent" : "Received", event->packet->length);
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

void packets_add(struct strbuf *text, const struct out_run *run, const struct rp_event *event)
{
	/* These two are told of again what was told when it came. */
	bool again = event->kind == RP_EVENT_PORT || event->kind == RP_EVENT_HOST;

	if (event->packet == NULL || again || run->muted || (!run->hexdump && run->decode == OUT_DECODE_NONE))
		return;
	add_head(text, event);
	if (run->decode != OUT_DECODE_NONE)
		add_decoded(text, event->packet, run->decode == OUT_DECODE_BRIEF ? RP_DETAIL_BRIEF : RP_DETAIL_FULL);
	if (run->decode != OUT_DECODE_NONE && event->probe != NULL)
		add_compared(text, event->packet, event->probe);
	if (run->hexdump)
		add_dumped(text, event->packet);
}
