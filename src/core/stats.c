/* SPDX-License-Identifier: MIT */
/*
 * Computes the statistics of a series from its events. Mean and deviation are Welford's recurrence; jitter is RFC
 * 3550's, with the round trip in place of the transit time.
 */
#include "core/stats.h"

#include <math.h>

#include "wire/icmp.h"

void stats_init(struct stats *stats, struct stats_detail *detail)
{
	*stats = (struct stats){
		.counts =
			{
				.rtt_min = RP_TIME_NONE,
				.rtt_max = RP_TIME_NONE,
				.rtt_ewma = RP_TIME_NONE,
				.first_sent = RP_TIME_NONE,
				.last_sent = RP_TIME_NONE,
				.detailed = detail != NULL,
			},
		.detail = detail,
	};
}

/* ---- what an event adds ----------------------------------------------------------------------- */

static void sum_add(struct stats_sum *sum, int64_t value)
{
	if (value == RP_TIME_NONE)
		return;
	if (sum->count++ == 0 || value > sum->max)
		sum->max = value;
	sum->sum += (double)value;
}

static void stats_sample(struct stats *stats, int64_t rtt)
{
	struct rp_stats *counts = &stats->counts;

	if (rtt == RP_TIME_NONE)
		return;
	if (counts->samples == 0) {
		counts->rtt_min = counts->rtt_max = rtt;
		counts->rtt_ewma = rtt;
	} else {
		stats->jitter += (fabs((double)(rtt - stats->last_rtt)) - stats->jitter) / 16;
	}
	if (rtt < counts->rtt_min)
		counts->rtt_min = rtt;
	if (rtt > counts->rtt_max)
		counts->rtt_max = rtt;
	counts->rtt_ewma += (rtt - counts->rtt_ewma) / 8;
	stats->last_rtt = rtt;
	counts->samples++;

	double before = (double)rtt - stats->mean;
	stats->mean += before / (double)counts->samples;
	stats->deviations += before * ((double)rtt - stats->mean);
	if (stats->detail != NULL)
		histogram_add(&stats->detail->histogram, rtt);
}

/* An answer to that probe came: how many were under way, this one included? */
static void stats_pipe(struct stats *stats, const struct rp_event *event)
{
	uint64_t under_way = stats->last_sequence - event->sequence + 1;

	if (event->sequence <= stats->last_sequence && under_way > stats->counts.pipe)
		stats->counts.pipe = under_way < UINT32_MAX ? (uint32_t)under_way : UINT32_MAX;
}

static void stats_sent(struct stats *stats, const struct rp_event *event)
{
	struct rp_stats *counts = &stats->counts;

	counts->sent++;
	counts->in_flight++;
	stats->last_sequence = event->sequence;
	if (counts->first_sent == RP_TIME_NONE)
		counts->first_sent = event->time;
	counts->last_sent = event->time;
	sum_add(&stats->schedule_lag, event->schedule_lag);
}

/* Genuine, but not what was sent: other, fewer or more bytes, or a code that is not 0. */
static bool stats_altered(const struct rp_event *event)
{
	bool echo = event->packet != NULL && event->packet->ip.protocol == RP_PROTOCOL_ICMP;

	return event->wrong_data_offset != UINT32_MAX || (echo && event->packet->icmp.code != 0);
}

/* The round trip as a sample of the path: what may be the target's own waiting is none. */
static int64_t sampled(const struct rp_event *event)
{
	return event->remarks & RP_REMARK_MAYBE_REPEATED ? RP_TIME_NONE : event->rtt;
}

static void stats_received(struct stats *stats, const struct rp_event *event)
{
	*(event->was_given_up ? &stats->counts.lost : &stats->counts.in_flight) -= 1;
	stats->counts.received++;
	stats->counts.altered += stats_altered(event);
	stats->counts.queued += event->queued;
	stats_pipe(stats, event);
	stats_sample(stats, sampled(event));
	sum_add(&stats->tx_queue, event->tx_queue);
	sum_add(&stats->rx_wakeup, event->rx_wakeup);
	if (stats->detail != NULL) {
		reorder_arrival(&stats->detail->reorder, event->sequence);
		recent_add(&stats->detail->window, sampled(event));
	}
}

static void stats_lost(struct stats *stats)
{
	stats->counts.in_flight--;
	stats->counts.lost++;
	if (stats->detail != NULL)
		recent_add(&stats->detail->window, WINDOW_LOST);
}

static void stats_outage(struct stats *stats, const struct rp_event *event)
{
	struct rp_outage *longest = &stats->counts.longest;
	const struct rp_outage *outage = event->outage;

	stats->counts.outages += event->outage_state == RP_OUTAGE_BEGINS || event->outage_state == RP_OUTAGE_PASSED;
	if (longest->first == 0 || outage->end - outage->start >= longest->end - longest->start)
		*longest = *outage;
}

void stats_event(struct stats *stats, const struct rp_event *event)
{
	struct rp_stats *counts = &stats->counts;

	switch (event->kind) {
	case RP_EVENT_SENT:
		stats_sent(stats, event);
		break;
	case RP_EVENT_UNSENT:
		counts->unsent++;
		break;
	case RP_EVENT_REPLY:
		stats_received(stats, event);
		break;
	case RP_EVENT_DUPLICATE:
		counts->duplicates++;
		stats_pipe(stats, event);
		stats_sample(stats, event->rtt);
		break;
	case RP_EVENT_REPEATED:
		counts->repeated++;
		break;
	case RP_EVENT_LATE:
		counts->lost--;
		counts->late++;
		break;
	case RP_EVENT_ERROR:
		if (event->packet != NULL && icmp_is_advice(&event->packet->icmp))
			break;
		counts->errors++;
		stats_pipe(stats, event);
		break;
	case RP_EVENT_TIMEOUT:
		stats_lost(stats);
		break;
	case RP_EVENT_OUTAGE:
		stats_outage(stats, event);
		break;
	case RP_EVENT_SUSPECT:
		if (event->suspicion == RP_SUSPECT_CHECKSUM || event->suspicion == RP_SUSPECT_TRUNCATED ||
		    event->suspicion == RP_SUSPECT_MALFORMED)
			counts->corrupted++;
		else
			counts->suspect++;
		break;
	case RP_EVENT_OVERDUE:
	case RP_EVENT_PORT:
	case RP_EVENT_HOST:
	case RP_EVENT_ADDRESS:
	case RP_EVENT_DONE:
		break;
	}
}

/* ---- what is made of it ----------------------------------------------------------------------- */

static struct rp_mean sum_read(const struct stats_sum *sum)
{
	if (sum->count == 0)
		return (struct rp_mean){RP_TIME_NONE, RP_TIME_NONE};
	return (struct rp_mean){(int64_t)(sum->sum / (double)sum->count), sum->max};
}

/* A mean in floating point and the middle of a bucket may lie outside of what was measured; the truth does not. */
static int64_t within_measured(const struct rp_stats *counts, int64_t value)
{
	if (value < counts->rtt_min)
		return counts->rtt_min;
	return value < counts->rtt_max ? value : counts->rtt_max;
}

static int64_t percentile(const struct stats *stats, unsigned per_mille)
{
	const struct rp_stats *counts = &stats->counts;

	if (stats->detail == NULL || counts->samples == 0)
		return RP_TIME_NONE;

	return within_measured(counts, histogram_percentile(&stats->detail->histogram, per_mille));
}

void stats_read(const struct stats *stats, struct rp_stats *out)
{
	*out = stats->counts;
	out->rtt_mean = out->rtt_mdev = out->jitter = RP_TIME_NONE;
	if (out->samples > 0) {
		out->rtt_mean = within_measured(out, (int64_t)(stats->mean + 0.5));
		out->rtt_mdev = (int64_t)(sqrt(stats->deviations / (double)out->samples) + 0.5);
	}
	if (out->samples > 1)
		out->jitter = (int64_t)(stats->jitter + 0.5);
	out->tx_queue = sum_read(&stats->tx_queue);
	out->rx_wakeup = sum_read(&stats->rx_wakeup);
	out->schedule_lag = sum_read(&stats->schedule_lag);
	out->rtt_p50 = percentile(stats, 500);
	out->rtt_p90 = percentile(stats, 900);
	out->rtt_p95 = percentile(stats, 950);
	out->rtt_p99 = percentile(stats, 990);
	out->rtt_p999 = percentile(stats, 999);
	if (stats->detail != NULL) {
		out->reordered = stats->detail->reorder.count;
		out->reorder_extent = stats->detail->reorder.extent;
		recent_read(&stats->detail->window, &out->recent);
	}
}
