/* SPDX-License-Identifier: MIT */
/* Hides how long a packet's text may be: it is measured first. */
#include "tool/packets.h"

#include <stdlib.h>

static void add(struct strbuf *text, const struct rp_packet *packet,
		size_t (*write)(const struct rp_packet *packet, char *text, size_t size))
{
	size_t size = write(packet, NULL, 0) + 1;
	char *words = malloc(size);

	if (words == NULL) {
		text->failed = true;
		return;
	}
	write(packet, words, size);
	strbuf_add(text, words);
	free(words);
}

void packets_add(struct strbuf *text, const struct out_run *run, const struct rp_event *event)
{
	/* These two are told of again what was told when it came. */
	bool again = event->kind == RP_EVENT_PORT || event->kind == RP_EVENT_HOST;

	if (event->packet == NULL || again || !(run->hexdump || run->decode))
		return;
	strbuf_addf(text, "%s, %zu octets:\n", event->kind == RP_EVENT_SENT ? "Sent" : "Received",
		    event->packet->length);
	if (run->decode)
		add(text, event->packet, rp_packet_decode);
	if (run->hexdump)
		add(text, event->packet, rp_packet_dump);
}
