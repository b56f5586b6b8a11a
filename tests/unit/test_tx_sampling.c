/* SPDX-License-Identifier: MIT */
/* Who is timed: all that are few or slow, and of the others a share without a rhythm. */
#include "fake.h"

#include "core/tx_sampling.h"

#define RATE 10000

/* The share of a second at that pace that is timed. */
static unsigned timed(uint32_t rate, unsigned pace, int64_t start)
{
	struct tx_sampling sample;
	unsigned count = 0;

	tx_sampling_init(&sample, start, rate);
	for (unsigned i = 0; i < pace; i++)
		count += tx_sampling_take(&sample, start + i * SECOND / pace);
	return count;
}

TEST(everybody)
{
	assert_int_equal(timed(0, 1000000, 0), 1000000);
	assert_int_equal(timed(RATE, 1, -5 * SECOND), 1);
	assert_int_equal(timed(RATE, 1000, 77), 1000);
	assert_int_equal(timed(RATE, RATE, 77), RATE);
}

/* What is sent in one moment is timed up to a thousand. */
TEST(at_once)
{
	struct tx_sampling sample;
	unsigned count = 0;

	tx_sampling_init(&sample, 77, RATE);
	for (unsigned i = 0; i < 100000; i++) {
		bool is_timed = tx_sampling_take(&sample, 77);

		assert_true(is_timed || i >= 900);
		count += is_timed;
	}
	assert_in_range(count, 1000, 1100);
}

TEST(a_share)
{
	assert_in_range(timed(RATE, 50000, 0), RATE, RATE + 1100);
	assert_in_range(timed(RATE, 1000000, 77), RATE, RATE + 1100);
	assert_in_range(timed(1, 300000, 77), 1000, 1100);
}

/* Of targets that are probed in turn, each is timed now and then, however many they are. */
TEST(no_rhythm)
{
	for (unsigned targets = 1; targets <= 256; targets++) {
		unsigned counts[256] = {0}, expected = (RATE + 1024) / targets;
		struct tx_sampling sample;

		tx_sampling_init(&sample, 0, RATE);
		for (unsigned i = 0; i < 300000; i++)
			counts[i % targets] += tx_sampling_take(&sample, i * SECOND / 300000);
		for (unsigned i = 0; i < targets; i++)
			assert_in_range(counts[i], expected / 3, expected * 3);
	}
}

/* An answer to a probe that was not timed has both its ends, and no round trip. */
ECHO_TEST(no_round_trip)
{
	unsigned untimed = 0;

	fake->config.interval = 0;
	fake->config.count = 3000;
	fake->config.timed_rate = 1;
	fake_open(fake);
	for (unsigned i = 0; i < 3000; i++) {
		assert_int_equal(fake_send(fake), 1);
		fake->now += 5000;
		fake_input(fake, fake_echo_reply(&fake->sent));
		const struct rp_event *event = fake_last(fake, RP_EVENT_REPLY);
		assert_int_equal(event->received.ns - event->sent.ns, 5000);
		assert_true(event->rtt == 5000 || event->rtt == RP_TIME_NONE);
		untimed += event->rtt == RP_TIME_NONE;
		fake->count = 0;
	}
	assert_in_range(untimed, 1900, 2000);
	assert_int_equal(fake_stats(fake).received, 3000);
	assert_int_equal(fake_stats(fake).samples, 3000 - untimed);
	assert_int_equal(fake_stats(fake).rtt_max, 5000);
}
