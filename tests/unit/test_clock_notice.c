/* SPDX-License-Identifier: MIT */
/* A stamp that is missing is told of once the kernel stamps, or had a second to begin to. */
#include "unit.h"

#include "base/ns.h"
#include "app/notices.h"

static struct rp_event reply(uint64_t sequence, int64_t time, enum rp_clock sent, enum rp_clock received)
{
	return (struct rp_event){
		.kind = RP_EVENT_REPLY,
		.sequence = sequence,
		.time = time,
		.rtt = 20 * NS_PER_US,
		.sent.clock = sent,
		.received.clock = received,
		.clock = sent > received ? sent : received,
	};
}

static bool tells(struct clock_notice *clocks, uint64_t sequence, int64_t time, enum rp_clock sent,
		  enum rp_clock received)
{
	struct rp_event event = reply(sequence, time, sent, received);

	return clock_notice_report(clocks, &event);
}

/* A flood has sent hundreds before a busy machine begins to stamp. */
TEST(stamping_begins_late)
{
	struct clock_notice clocks = {.promised = RP_CLOCK_KERNEL, .asked = NS_PER_S};
	uint64_t sequence = 1;

	for (; sequence <= 300; sequence++)
		assert_false(tells(&clocks, sequence, NS_PER_S + (int64_t)sequence * NS_PER_MS, RP_CLOCK_KERNEL,
				   RP_CLOCK_USER));
	assert_false(tells(&clocks, 301, NS_PER_S + 301 * NS_PER_MS, RP_CLOCK_KERNEL, RP_CLOCK_KERNEL));
	assert_true(tells(&clocks, 302, NS_PER_S + 302 * NS_PER_MS, RP_CLOCK_KERNEL, RP_CLOCK_USER)); /* it had begun */
}

TEST(stamping_never_begins)
{
	struct clock_notice clocks = {.promised = RP_CLOCK_KERNEL, .asked = NS_PER_S};

	assert_false(tells(&clocks, 1, NS_PER_S + NS_PER_MS, RP_CLOCK_KERNEL, RP_CLOCK_USER));
	assert_true(tells(&clocks, 2, 2 * NS_PER_S, RP_CLOCK_KERNEL, RP_CLOCK_USER));
}

/* What leaves is stamped from the first packet on, or never. */
TEST(what_leaves_has_no_excuse)
{
	struct clock_notice clocks = {.promised = RP_CLOCK_KERNEL};

	assert_true(tells(&clocks, 1, NS_PER_MS, RP_CLOCK_USER, RP_CLOCK_KERNEL));
	assert_true(tells(&clocks, 2, NS_PER_MS, RP_CLOCK_USER, RP_CLOCK_USER));
}

TEST(what_was_promised)
{
	struct clock_notice hardware = {.promised = RP_CLOCK_HARDWARE}, user = {.promised = RP_CLOCK_USER};

	assert_true(tells(&hardware, 1, NS_PER_MS, RP_CLOCK_KERNEL, RP_CLOCK_KERNEL));
	assert_true(tells(&hardware, 1, NS_PER_MS, RP_CLOCK_KERNEL, RP_CLOCK_USER));
	assert_false(tells(&user, 9, 9 * NS_PER_S, RP_CLOCK_USER, RP_CLOCK_USER));
}

/* A scan times some of its ports, and is no series; what was not timed has no clock. */
TEST(what_is_no_time)
{
	struct clock_notice clocks = {.promised = RP_CLOCK_KERNEL};
	struct rp_event untimed = reply(5, 9 * NS_PER_S, RP_CLOCK_USER, RP_CLOCK_USER);

	untimed.rtt = RP_TIME_NONE;
	assert_false(clock_notice_report(&clocks, &untimed));
	assert_false(tells(&clocks, 0, 9 * NS_PER_S, RP_CLOCK_USER, RP_CLOCK_USER));
}
