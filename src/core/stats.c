/* SPDX-License-Identifier: MIT */
/* Hides how counters and moments follow from events (Welford's recurrence for mean and deviation). */
#include "core/stats.h"

#include <math.h>

void stats_init(struct stats *stats)
{
	*stats = (struct stats){.ledger = {
					.rtt_min = RP_TIME_NONE,
					.rtt_max = RP_TIME_NONE,
					.rtt_mean = RP_TIME_NONE,
					.rtt_mdev = RP_TIME_NONE,
					.rtt_ewma = RP_TIME_NONE,
					.first_sent = RP_TIME_NONE,
					.last_sent = RP_TIME_NONE,
				}};
}

static void stats_sample(struct stats *stats, int64_t rtt)
{
	struct rp_stats *ledger = &stats->ledger;

	if (rtt == RP_TIME_NONE)
		return;
	if (ledger->samples == 0) {
		ledger->rtt_min = ledger->rtt_max = rtt;
		ledger->rtt_ewma = rtt;
	}
	if (rtt < ledger->rtt_min)
		ledger->rtt_min = rtt;
	if (rtt > ledger->rtt_max)
		ledger->rtt_max = rtt;
	ledger->rtt_ewma += (rtt - ledger->rtt_ewma) / 8;
	ledger->samples++;

	double before = (double)rtt - stats->mean;
	stats->mean += before / (double)ledger->samples;
	stats->deviations += before * ((double)rtt - stats->mean);
}

/* An answer to that probe came: how many were under way, this one included? */
static void stats_pipe(struct stats *stats, const struct rp_event *event)
{
	uint64_t under_way = stats->last_sequence - event->sequence + 1;

	if (event->sequence <= stats->last_sequence && under_way > stats->ledger.pipe)
		stats->ledger.pipe = under_way < UINT32_MAX ? (uint32_t)under_way : UINT32_MAX;
}

void stats_event(struct stats *stats, const struct rp_event *event)
{
	struct rp_stats *ledger = &stats->ledger;

	switch (event->kind) {
	case RP_EVENT_SENT:
		ledger->sent++;
		ledger->in_flight++;
		stats->last_sequence = event->sequence;
		if (ledger->first_sent == RP_TIME_NONE)
			ledger->first_sent = event->time;
		ledger->last_sent = event->time;
		break;
	case RP_EVENT_UNSENT:
		ledger->unsent++;
		break;
	case RP_EVENT_REPLY:
		ledger->in_flight--;
		ledger->received++;
		stats_pipe(stats, event);
		stats_sample(stats, event->rtt);
		break;
	case RP_EVENT_DUPLICATE:
		ledger->duplicates++;
		stats_pipe(stats, event);
		stats_sample(stats, event->rtt);
		break;
	case RP_EVENT_LATE:
		ledger->lost--;
		ledger->late++;
		break;
	case RP_EVENT_ERROR:
		ledger->errors++;
		stats_pipe(stats, event);
		break;
	case RP_EVENT_TIMEOUT:
		ledger->in_flight--;
		ledger->lost++;
		break;
	case RP_EVENT_SUSPECT:
		if (event->suspicion == RP_SUSPECT_CHECKSUM || event->suspicion == RP_SUSPECT_TRUNCATED ||
		    event->suspicion == RP_SUSPECT_MALFORMED)
			ledger->corrupted++;
		else
			ledger->suspect++;
		break;
	case RP_EVENT_OVERDUE:
	case RP_EVENT_PORT:
	case RP_EVENT_HOST:
	case RP_EVENT_DONE:
		break;
	}
}

void stats_read(const struct stats *stats, struct rp_stats *out)
{
	*out = stats->ledger;
	if (out->samples == 0)
		return;
	out->rtt_mean = (int64_t)(stats->mean + 0.5);
	out->rtt_mdev = (int64_t)(sqrt(stats->deviations / (double)out->samples) + 0.5);
}
