/* SPDX-License-Identifier: MIT */
/*
 * What the outputs share. The statistics block is iputils' because countless scripts read it; what iputils
 * does not count (late, in flight, not sent) follows at the end of the counter line and only when there is
 * some. Everywhere else in the block it would break a reader: before "% packet loss" check_ping and jc, on a
 * line of its own jc, at the line of round trips pingparsing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "out/report.h"

const char *report_host(struct rp_target target, char text[RP_ADDR_TEXT_SIZE])
{
	return target.canonical && target.name ? target.name : rp_addr_format(target.address, text);
}

const char *report_name(const struct out_run *run, struct rp_addr address)
{
	const struct out_results *results = run->results;

	if (!results->name_of || run->numeric || rp_addr_ipv4_value(address) == 0)
		return NULL;
	return results->name_of(results->name_user, address);
}

void report_add_address(struct strbuf *text, const struct out_run *run, struct rp_addr address)
{
	const char *name = report_name(run, address);
	char buffer[RP_ADDR_TEXT_SIZE];

	rp_addr_format(address, buffer);
	if (!name) {
		strbuf_add(text, buffer);
		return;
	}
	strbuf_add_escaped(text, name);
	strbuf_addf(text, " (%s)", buffer);
}

bool report_is_group(const struct rp_config *config)
{
	struct rp_addr first = rp_targets_at(config->targets, 0).address;

	return config->broadcast || rp_addr_ipv4_value(first) >> 28 == 0xe;
}

const char *report_event_name(const struct out_run *run, const struct rp_event *event)
{
	enum rp_event_kind kind = event->kind;
	bool none = kind == RP_EVENT_OUTAGE || kind == RP_EVENT_HOST || kind == RP_EVENT_DONE ||
		    (kind == RP_EVENT_SENT && run->verbose == 0);

	return none || run->muted ? NULL : rp_event_name(kind);
}

void report_add_omitted(struct strbuf *text, const struct out_omitted *omitted)
{
	static const struct {
		enum out_omitted_kind kind;
		const char *one, *more;
	} words[] = {
		{OUT_OMITTED_CHECKSUM, "answer with a bad checksum", "answers with a bad checksum"},
		{OUT_OMITTED_SUSPECT, "suspect answer", "suspect answers"},
		{OUT_OMITTED_DUPLICATE, "duplicate", "duplicates"},
		{OUT_OMITTED_REPEATED, "repeated SYN-ACK", "repeated SYN-ACKs"},
		{OUT_OMITTED_ERROR, "ICMP error", "ICMP errors"},
	};
	size_t begin = text->length;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		uint64_t count = omitted->count[words[i].kind];

		if (count == 0)
			continue;
		strbuf_addf(text, "%s%" PRIu64 " %s", text->length > begin ? ", " : "", count,
			    count == 1 ? words[i].one : words[i].more);
	}
	if (text->length > begin)
		strbuf_add(text, " not shown");
}

double report_loss(const struct rp_stats *stats)
{
	uint64_t decided = stats->sent - stats->in_flight;

	return decided ? 100.0 * (double)stats->lost / (double)decided : 100.0;
}

void report_add_loss(struct strbuf *text, double percent)
{
	char digits[32];

	if (percent == 0.0 || percent >= 0.0001) {
		strbuf_addf(text, "%g", percent);
		return;
	}
	snprintf(digits, sizeof(digits), "%.18f", percent);
	digits[strspn(digits, "0.") + 6] = '\0'; /* six digits, as %g */
	for (size_t n = strlen(digits); n > 0 && digits[n - 1] == '0'; n--)
		digits[n - 1] = '\0';
	strbuf_add(text, digits);
}

static void add_counter(struct strbuf *text, const char *sign, uint64_t value, const char *word)
{
	if (value)
		strbuf_addf(text, ", %s%" PRIu64 " %s", sign, value, word);
}

/* Neither received nor lost. */
static void add_undecided(struct strbuf *text, const struct rp_stats *stats)
{
	add_counter(text, "", stats->late, "late");
	add_counter(text, "", stats->in_flight, "in flight");
	add_counter(text, "", stats->unsent, "not sent");
}

static void add_round_trips(struct strbuf *text, const struct rp_stats *stats, int64_t elapsed, bool flood,
			    const struct rp_config *config)
{
	char min[NS_TEXT_SIZE], mean[NS_TEXT_SIZE], max[NS_TEXT_SIZE], mdev[NS_TEXT_SIZE];
	const char *comma = "";

	if (stats->samples) {
		strbuf_addf(text, "rtt min/avg/max/mdev = %s/%s/%s/%s ms", ns_format_ms(stats->rtt_min, min),
			    ns_format_ms(stats->rtt_mean, mean), ns_format_ms(stats->rtt_max, max),
			    ns_format_ms(stats->rtt_mdev, mdev));
		comma = ", ";
	}
	if (stats->pipe > 1) {
		strbuf_addf(text, "%spipe %u", comma, stats->pipe);
		comma = ", ";
	}
	if (stats->samples && flood && stats->sent > 1)
		strbuf_addf(text, "%sipg/ewma %s/%s ms", comma, ns_format_ms(elapsed / (int64_t)(stats->sent - 1), min),
			    ns_format_ms(stats->rtt_ewma, mean));
	if (config->timed_rate > 0 && stats->samples && stats->samples < stats->received)
		strbuf_addf(text, ", %" PRIu64 " timed", stats->samples);
	if (stats->queued)
		strbuf_addf(text, ", %" PRIu64 " queued (max %s ms)", stats->queued,
			    ns_format_ms(stats->tx_queue.max, max));
	if (stats->samples && config->clock == RP_CLOCK_USER)
		strbuf_add(text, ", user clock");
	strbuf_add_char(text, '\n');
}

void report_add_statistics(struct strbuf *text, const char *name, const char *kind, const struct rp_stats *stats,
			   bool flood, const struct rp_config *config)
{
	int64_t elapsed = stats->sent ? stats->last_sent - stats->first_sent : 0;

	strbuf_add(text, "\n--- ");
	strbuf_add_escaped(text, name);
	strbuf_addf(text, " %s statistics ---\n", kind);
	strbuf_addf(text, "%" PRIu64 " packets transmitted, %" PRIu64 " received", stats->sent, stats->received);
	add_counter(text, "+", stats->duplicates, "duplicates");
	add_counter(text, "+", stats->repeated, "repeated SYN-ACKs");
	add_counter(text, "+", stats->corrupted, "corrupted");
	add_counter(text, "+", stats->errors, "errors");
	strbuf_add(text, ", ");
	report_add_loss(text, report_loss(stats));
	strbuf_addf(text, "%% packet loss, time %" PRId64 "ms", (elapsed + NS_PER_MS / 2) / NS_PER_MS);
	add_undecided(text, stats);
	strbuf_add_char(text, '\n');
	add_round_trips(text, stats, elapsed, flood, config);
}

static void add_mean(struct strbuf *text, const char *name, struct rp_mean value)
{
	char mean[NS_TEXT_SIZE], max[NS_TEXT_SIZE];

	strbuf_addf(text, "%s avg/max = %s/%s ms", name, ns_format_ms(value.mean, mean), ns_format_ms(value.max, max));
}

static void add_breakdown(struct strbuf *text, const struct rp_stats *stats)
{
	add_mean(text, "tx queue", stats->tx_queue);
	add_mean(text, ", rx wakeup", stats->rx_wakeup);
	add_mean(text, ", schedule lag", stats->schedule_lag);
}

static void add_percentiles(struct strbuf *text, const struct rp_stats *stats)
{
	char p50[NS_TEXT_SIZE], p90[NS_TEXT_SIZE], p95[NS_TEXT_SIZE], p99[NS_TEXT_SIZE], p999[NS_TEXT_SIZE];
	char jitter[NS_TEXT_SIZE];

	strbuf_addf(text, "rtt p50/p90/p95/p99/p99.9 = %s/%s/%s/%s/%s ms, jitter %s ms",
		    ns_format_ms(stats->rtt_p50, p50), ns_format_ms(stats->rtt_p90, p90),
		    ns_format_ms(stats->rtt_p95, p95), ns_format_ms(stats->rtt_p99, p99),
		    ns_format_ms(stats->rtt_p999, p999), ns_format_ms(stats->jitter, jitter));
}

void report_add_details(struct strbuf *text, const struct rp_stats *stats, bool percentiles, bool breakdown)
{
	if (percentiles)
		add_percentiles(text, stats);
	if (percentiles && breakdown)
		strbuf_add(text, ", ");
	if (breakdown)
		add_breakdown(text, stats);
	strbuf_add_char(text, '\n');
}

void report_add_interim(struct strbuf *text, const struct rp_stats *stats)
{
	char min[NS_TEXT_SIZE], mean[NS_TEXT_SIZE], ewma[NS_TEXT_SIZE], max[NS_TEXT_SIZE];

	strbuf_addf(text, "%" PRIu64 "/%" PRIu64 " packets, %d%% loss", stats->received, stats->sent,
		    stats->sent ? (int)report_loss(stats) : 0);
	if (stats->samples)
		strbuf_addf(text, ", min/avg/ewma/max = %s/%s/%s/%s ms", ns_format_ms(stats->rtt_min, min),
			    ns_format_ms(stats->rtt_mean, mean), ns_format_ms(stats->rtt_ewma, ewma),
			    ns_format_ms(stats->rtt_max, max));
	add_undecided(text, stats);
	strbuf_add_char(text, '\n');
}
