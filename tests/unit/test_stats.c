/* SPDX-License-Identifier: MIT */
/* The ledger: counters by event, moments by arithmetic. */
#include "unit.h"

#include "core/stats.h"

static void feed(struct stats *stats, enum rp_event_kind kind, int64_t rtt)
{
	stats_event(stats, &(struct rp_event){.kind = kind, .rtt = rtt, .time = 7});
}

static struct rp_stats read_of(const struct stats *stats)
{
	struct rp_stats read;

	stats_read(stats, &read);
	return read;
}

TEST(empty)
{
	struct stats stats;

	stats_init(&stats, NULL);
	struct rp_stats read = read_of(&stats);
	assert_int_equal(read.sent, 0);
	assert_int_equal(read.rtt_min, RP_TIME_NONE);
	assert_int_equal(read.rtt_mean, RP_TIME_NONE);
	assert_int_equal(read.rtt_mdev, RP_TIME_NONE);
	assert_int_equal(read.first_sent, RP_TIME_NONE);
}

TEST(moments)
{
	/* mean 5, squared deviations 9 1 1 1 0 0 4 16, sum 32, variance 4 */
	static const int64_t samples[] = {2, 4, 4, 4, 5, 5, 7, 9};
	struct stats stats;

	stats_init(&stats, NULL);
	for (size_t i = 0; i < LENGTH_OF(samples); i++) {
		feed(&stats, RP_EVENT_SENT, RP_TIME_NONE);
		feed(&stats, RP_EVENT_REPLY, samples[i] * 1000000);
	}
	struct rp_stats read = read_of(&stats);
	assert_int_equal(read.samples, 8);
	assert_int_equal(read.rtt_min, 2000000);
	assert_int_equal(read.rtt_max, 9000000);
	assert_int_equal(read.rtt_mean, 5000000);
	assert_int_equal(read.rtt_mdev, 2000000);
}

TEST(moving_average)
{
	struct stats stats;

	stats_init(&stats, NULL);
	feed(&stats, RP_EVENT_SENT, RP_TIME_NONE);
	feed(&stats, RP_EVENT_REPLY, 800);
	feed(&stats, RP_EVENT_SENT, RP_TIME_NONE);
	feed(&stats, RP_EVENT_REPLY, 1600); /* 800 + 800 / 8 */
	struct rp_stats read = read_of(&stats);
	assert_int_equal(read.rtt_ewma, 900);
}

TEST(ledger_adds_up)
{
	struct stats stats;

	stats_init(&stats, NULL);
	for (int i = 0; i < 5; i++)
		feed(&stats, RP_EVENT_SENT, RP_TIME_NONE);
	feed(&stats, RP_EVENT_UNSENT, RP_TIME_NONE);
	feed(&stats, RP_EVENT_REPLY, 10);
	feed(&stats, RP_EVENT_DUPLICATE, 20);
	feed(&stats, RP_EVENT_TIMEOUT, RP_TIME_NONE);
	feed(&stats, RP_EVENT_TIMEOUT, RP_TIME_NONE);
	feed(&stats, RP_EVENT_LATE, 30);
	feed(&stats, RP_EVENT_ERROR, RP_TIME_NONE);
	struct rp_stats read = read_of(&stats);
	assert_int_equal(read.sent, 5);
	assert_int_equal(read.unsent, 1);
	assert_int_equal(read.received, 1);
	assert_int_equal(read.duplicates, 1);
	assert_int_equal(read.lost, 1);
	assert_int_equal(read.late, 1);
	assert_int_equal(read.in_flight, 2);
	assert_int_equal(read.errors, 1);
	assert_int_equal(read.sent, read.received + read.lost + read.late + read.in_flight);
	assert_int_equal(read.samples, 2); /* iputils measures duplicates; a late answer is none */
}

/* iputils: sent - answered + 1, when an answer or an error comes. */
TEST(pipe_is_what_was_under_way)
{
	struct stats stats;

	stats_init(&stats, NULL);
	for (uint64_t sequence = 1; sequence <= 5; sequence++)
		stats_event(&stats, &(struct rp_event){.kind = RP_EVENT_SENT, .sequence = sequence});
	assert_int_equal(read_of(&stats).pipe, 0); /* silence makes none */
	stats_event(&stats, &(struct rp_event){.kind = RP_EVENT_REPLY, .sequence = 4, .rtt = 1});
	assert_int_equal(read_of(&stats).pipe, 2);
	stats_event(&stats, &(struct rp_event){.kind = RP_EVENT_ERROR, .sequence = 2});
	assert_int_equal(read_of(&stats).pipe, 4);
}

/* RFC 3550: J += (|D| - J) / 16, here over round trips 100, 180, 100: 80/16 = 5, 5 + 75/16 = 9.6875. */
TEST(jitter)
{
	struct stats stats;

	stats_init(&stats, NULL);
	feed(&stats, RP_EVENT_REPLY, 100);
	assert_int_equal(read_of(&stats).jitter, RP_TIME_NONE);
	feed(&stats, RP_EVENT_REPLY, 180);
	assert_int_equal(read_of(&stats).jitter, 5);
	feed(&stats, RP_EVENT_REPLY, 100);
	assert_int_equal(read_of(&stats).jitter, 10);
}

static void tell(struct stats *stats, enum rp_event_kind kind, uint64_t sequence)
{
	stats_event(stats, &(struct rp_event){.kind = kind,
					      .sequence = sequence,
					      .rtt = 1,
					      .sent.ns = (int64_t)sequence * 1000,
					      .tx_queue = 3 * (int64_t)sequence,
					      .rx_wakeup = RP_TIME_NONE});
}

static void tell_outage(struct stats *stats, enum rp_outage_state state, struct rp_outage outage)
{
	stats_event(stats,
		    &(struct rp_event){.kind = RP_EVENT_OUTAGE, .outage = &outage, .outage_state = state, .rtt = 1});
}

TEST(outages)
{
	struct stats stats;
	struct rp_stats read;

	stats_init(&stats, NULL);
	read = read_of(&stats);
	assert_int_equal(read.outages, 0);
	assert_int_equal(read.longest.first, 0);
	tell_outage(&stats, RP_OUTAGE_BEGINS, (struct rp_outage){2, 2, 2000, 2000});
	tell_outage(&stats, RP_OUTAGE_ENDS, (struct rp_outage){2, 4, 2000, 5000});
	tell_outage(&stats, RP_OUTAGE_PASSED, (struct rp_outage){6, 6, 6000, 7000});
	tell_outage(&stats, RP_OUTAGE_BEGINS, (struct rp_outage){9, 9, 9000, 9000});
	read = read_of(&stats);
	assert_int_equal(read.outages, 3);
	assert_int_equal(read.longest.first, 2);
	assert_int_equal(read.longest.last, 4);
	assert_int_equal(read.longest.end, 5000);
	tell_outage(&stats, RP_OUTAGE_GOES_ON, (struct rp_outage){9, 9, 9000, 19000}); /* longer in time */
	read = read_of(&stats);
	assert_int_equal(read.outages, 3);
	assert_int_equal(read.longest.first, 9);
}

TEST(breakdown)
{
	struct stats stats;

	stats_init(&stats, NULL);
	tell(&stats, RP_EVENT_REPLY, 1);
	tell(&stats, RP_EVENT_REPLY, 3);
	struct rp_stats read = read_of(&stats);
	assert_int_equal(read.tx_queue.mean, 6);
	assert_int_equal(read.tx_queue.max, 9);
	assert_int_equal(read.rx_wakeup.mean, RP_TIME_NONE);
}

TEST(details)
{
	struct stats_detail detail = {0};
	struct stats stats;

	stats_init(&stats, &detail);
	for (int64_t rtt = 1; rtt <= 100; rtt++)
		feed(&stats, RP_EVENT_REPLY, rtt); /* exact below 128 ns */
	feed(&stats, RP_EVENT_TIMEOUT, RP_TIME_NONE);
	struct rp_stats read = read_of(&stats);
	assert_true(read.detailed);
	assert_int_equal(read.rtt_p50, 50);
	assert_int_equal(read.rtt_p90, 90);
	assert_int_equal(read.rtt_p99, 99);
	assert_int_equal(read.rtt_p999, 100);
	assert_int_equal(read.recent.probes, 64);
	assert_int_equal(read.recent.lost, 1);
	assert_int_equal(read.recent.rtt_min, 38); /* the last 63 answers: 38 to 100 */
	assert_int_equal(read.recent.rtt_max, 100);
	assert_int_equal(read.recent.rtt_mean, 69);
}

TEST(suspicion_is_sorted)
{
	struct stats stats;

	stats_init(&stats, NULL);
	stats_event(&stats, &(struct rp_event){.kind = RP_EVENT_SUSPECT, .suspicion = RP_SUSPECT_CHECKSUM});
	stats_event(&stats, &(struct rp_event){.kind = RP_EVENT_SUSPECT, .suspicion = RP_SUSPECT_TRUNCATED});
	stats_event(&stats, &(struct rp_event){.kind = RP_EVENT_SUSPECT, .suspicion = RP_SUSPECT_COOKIE});
	struct rp_stats read = read_of(&stats);
	assert_int_equal(read.corrupted, 2);
	assert_int_equal(read.suspect, 1);
	assert_int_equal(read.received, 0);
}

/* A probe that was not timed, or whose answer came ambiguously, was answered all the same. */
TEST(recent_without_round_trips)
{
	struct stats_detail detail = {0};
	struct stats stats;

	stats_init(&stats, &detail);
	for (unsigned i = 0; i < 4; i++)
		feed(&stats, RP_EVENT_SENT, RP_TIME_NONE);
	feed(&stats, RP_EVENT_REPLY, RP_TIME_NONE);
	struct rp_recent recent = read_of(&stats).recent;
	assert_int_equal(recent.probes, 1);
	assert_int_equal(recent.lost, 0);
	assert_int_equal(recent.rtt_mean, RP_TIME_NONE);
	feed(&stats, RP_EVENT_REPLY, 30);
	feed(&stats, RP_EVENT_TIMEOUT, RP_TIME_NONE);
	recent = read_of(&stats).recent;
	assert_int_equal(recent.probes, 3);
	assert_int_equal(recent.lost, 1);
	assert_int_equal(recent.rtt_mean, 30);
	assert_int_equal(recent.rtt_min, 30);
	assert_int_equal(recent.rtt_max, 30);
	assert_int_equal(read_of(&stats).samples, 1);
}
