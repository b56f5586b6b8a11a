/* SPDX-License-Identifier: MIT */
/*
 * Hides when an outage is over. Probes of a series are given up in the order of their sending, often long after
 * later ones were answered; an outage ends where the probe behind its last one was answered.
 */
#include "out/watch.h"

#include <inttypes.h>

#include "base/ns.h"

static void remember(struct watch *watch, const struct rp_event *event)
{
	watch->sequences[event->sequence % WATCH_ANSWERS] = event->sequence;
	watch->times[event->sequence % WATCH_ANSWERS] = event->time;
}

/* The open outage ends when the probe behind it was answered. */
static void try_end(struct watch *watch, struct watch_news *news)
{
	uint64_t next = watch->outage.last + 1;

	if (watch->outage.first == 0 || watch->sequences[next % WATCH_ANSWERS] != next)
		return;
	news->kind = WATCH_ENDS;
	news->outage = watch->outage;
	news->outage.end = watch->times[next % WATCH_ANSWERS];
	watch->outage.first = 0;
}

static void lose(struct watch *watch, const struct rp_event *event, struct watch_news *news)
{
	int64_t sent = event->sent.ns != RP_TIME_NONE ? event->sent.ns : event->time;

	if (watch->outage.first == 0 || event->sequence != watch->outage.last + 1) {
		watch->outage = (struct rp_outage){.first = event->sequence, .start = sent};
		news->kind = WATCH_BEGINS;
	}
	watch->outage.last = event->sequence;
	watch->outage.end = event->time;
	news->outage = watch->outage;
	try_end(watch, news);
}

static void compare(struct watch *watch, const struct rp_event *event, struct watch_news *news)
{
	const struct rp_packet *packet = event->packet;

	if (packet == NULL)
		return;
	news->now = (struct watch_answer){
		.ttl = packet->ip.time_to_live,
		.tos = packet->ip.type_of_service,
		.size = packet->length - packet->ip.header_length,
		.from = event->from,
	};
	news->before = watch->answer;
	news->changed = watch->answered &&
			(news->now.ttl != news->before.ttl || news->now.tos != news->before.tos ||
			 news->now.size != news->before.size || !rp_addr_equal(news->now.from, news->before.from));
	watch->answer = news->now;
	watch->answered = true;
}

void watch_event(struct watch *watch, const struct rp_event *event, struct watch_news *news)
{
	*news = (struct watch_news){.kind = WATCH_QUIET};
	if (event->kind == RP_EVENT_TIMEOUT && event->sequence > 0) {
		lose(watch, event, news);
	} else if (event->kind == RP_EVENT_REPLY) {
		remember(watch, event);
		compare(watch, event, news);
		try_end(watch, news);
	} else if (event->kind == RP_EVENT_DONE && watch->outage.first != 0) {
		news->kind = WATCH_GOES_ON;
		news->outage = watch->outage;
		news->outage.end = event->time;
	}
}

void watch_add_outage(struct strbuf *text, const struct watch_news *news)
{
	const struct rp_outage *outage = &news->outage;
	char length[NS_TEXT_SIZE];

	if (news->kind == WATCH_BEGINS) {
		strbuf_addf(text, "Outage begins: probe %" PRIu64 " was not answered\n", outage->first);
		return;
	}
	strbuf_addf(text, "Outage %s: ", news->kind == WATCH_ENDS ? "ends" : "goes on");
	if (outage->first == outage->last)
		strbuf_addf(text, "probe %" PRIu64, outage->first);
	else
		strbuf_addf(text, "probes %" PRIu64 " to %" PRIu64, outage->first, outage->last);
	strbuf_addf(text, " lost, %s s\n", ns_format_s(outage->end - outage->start, 3, length));
}

void watch_add_change(struct strbuf *text, const struct watch_news *news, uint64_t sequence)
{
	const struct watch_answer *before = &news->before, *now = &news->now;
	char from[RP_ADDR_TEXT_SIZE], to[RP_ADDR_TEXT_SIZE];

	strbuf_addf(text, "Change in the reply to probe %" PRIu64 ":", sequence);
	if (now->ttl != before->ttl)
		strbuf_addf(text, " ttl %u to %u", before->ttl, now->ttl);
	if (now->tos != before->tos)
		strbuf_addf(text, " tos 0x%02x to 0x%02x", before->tos, now->tos);
	if (now->size != before->size)
		strbuf_addf(text, " size %zu to %zu", before->size, now->size);
	if (!rp_addr_equal(now->from, before->from))
		strbuf_addf(text, " source %s to %s", rp_addr_format(before->from, from),
			    rp_addr_format(now->from, to));
	strbuf_add_char(text, '\n');
}
