/* SPDX-License-Identifier: MIT */
/* Remembers the latest answer of each series, and reports what differs in the next one. */
#include "out/changes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/ns.h"
#include "out/report.h"

struct changes {
	const struct rp_grid *grid;
	bool group;
	uint64_t count;
	struct change_answer answers[]; /* by numbers of the grid */
};

/* Up to this many series are watched. */
#define WATCHED_SERIES (1 << 20)

int changes_open(struct changes **watch, const struct out_results *results)
{
	uint64_t count = rp_grid_count(results->grid);

	if (count > WATCHED_SERIES)
		count = 0;
	*watch = calloc(1, sizeof(**watch) + (size_t)count * sizeof(struct change_answer));
	if (!*watch)
		return -ENOMEM;
	(*watch)->grid = results->grid;
	(*watch)->group = report_is_group(results->config);
	(*watch)->count = count;
	return 0;
}

void changes_close(struct changes *watch)
{
	free(watch);
}

bool changes_event(struct changes *watch, const struct rp_event *event, struct change_seen *change)
{
	const struct rp_packet *packet = event->packet;

	if (event->kind != RP_EVENT_REPLY || !packet || watch->group)
		return false;
	int64_t at = rp_grid_number(watch->grid, event->target, event->port);
	if (at < 0 || (uint64_t)at >= watch->count)
		return false;
	struct change_answer *answer = &watch->answers[at];
	change->before = *answer;
	change->now = *answer = (struct change_answer){
		.known = true,
		.ttl = packet->ip.time_to_live,
		.tos = packet->ip.type_of_service,
		.size = (uint16_t)(packet->length - packet->ip.header_length),
		.from = event->from,
	};
	return change->before.known &&
	       (change->now.ttl != change->before.ttl || change->now.tos != change->before.tos ||
		change->now.size != change->before.size || !rp_addr_equal(change->now.from, change->before.from));
}

static void add_probes(struct strbuf *text, const struct rp_outage *outage)
{
	if (outage->first == outage->last)
		strbuf_addf(text, "probe %" PRIu64, outage->first);
	else
		strbuf_addf(text, "probes %" PRIu64 " to %" PRIu64, outage->first, outage->last);
}

void changes_add_outage(struct strbuf *text, const struct rp_event *event)
{
	static const char *const words[] = {
		[RP_OUTAGE_ENDS] = " ends", [RP_OUTAGE_PASSED] = "", [RP_OUTAGE_GOES_ON] = " goes on"};
	const struct rp_outage *outage = event->outage;
	char length[NS_TEXT_SIZE];

	if (event->outage_state == RP_OUTAGE_BEGINS) {
		strbuf_addf(text, "Outage begins: probe %" PRIu64 " was not answered\n", outage->first);
		return;
	}
	strbuf_addf(text, "Outage%s: ", words[event->outage_state]);
	add_probes(text, outage);
	strbuf_addf(text, " unanswered, %s s\n", ns_format_s(outage->end - outage->start, 3, length));
}

void changes_add_outages(struct strbuf *text, const struct rp_stats *stats, bool one_series)
{
	const struct rp_outage *longest = &stats->longest;
	char length[NS_TEXT_SIZE];

	strbuf_addf(text, "Outages: %" PRIu64 ", the longest %s s", stats->outages,
		    ns_format_s(longest->end - longest->start, 3, length));
	if (one_series) {
		strbuf_add(text, ", ");
		add_probes(text, longest);
	}
	if (stats->current.first != 0)
		strbuf_add(text, "; the last goes on");
	strbuf_add_char(text, '\n');
}

void changes_add_change(struct strbuf *text, const struct change_seen *change, uint64_t sequence)
{
	const struct change_answer *before = &change->before, *now = &change->now;
	char from[RP_ADDR_TEXT_SIZE], to[RP_ADDR_TEXT_SIZE];

	strbuf_addf(text, "Change in the reply to probe %" PRIu64 ":", sequence);
	if (now->ttl != before->ttl)
		strbuf_addf(text, " ttl %u to %u", before->ttl, now->ttl);
	if (now->tos != before->tos)
		strbuf_addf(text, " tos 0x%02x to 0x%02x", before->tos, now->tos);
	if (now->size != before->size)
		strbuf_addf(text, " size %u to %u", before->size, now->size);
	if (!rp_addr_equal(now->from, before->from))
		strbuf_addf(text, " source %s to %s", rp_addr_format(before->from, from),
			    rp_addr_format(now->from, to));
	strbuf_add_char(text, '\n');
}
