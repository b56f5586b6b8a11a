/* SPDX-License-Identifier: MIT */
/* However much others send, an output has so many lines a second, and every event is in one of them or counted in
 * one. */
#include "unit.h"

#include "base/ns.h"
#include "app/excess.h"

struct seen {
	struct excess excess;
	uint64_t lines, counted[OUT_OMITTED_KINDS], summaries;
};

static void happen(struct seen *seen, int64_t time, enum rp_event_kind kind, enum rp_suspicion suspicion)
{
	struct rp_event event = {.kind = kind, .suspicion = suspicion, .time = time, .wall = time + 5};
	struct out_omitted omitted;

	if (excess_due(&seen->excess, &event) && excess_take(&seen->excess, &event, &omitted)) {
		assert_int_equal(omitted.wall, event.wall);
		seen->summaries++;
		for (unsigned i = 0; i < OUT_OMITTED_KINDS; i++)
			seen->counted[i] += omitted.count[i];
	}
	seen->lines += excess_allows(&seen->excess, &event);
}

TEST(ten_seconds_of_a_flood)
{
	struct seen seen = {0};

	for (int64_t i = 0; i < 1000000; i++)
		happen(&seen, 77 * NS_PER_S + i * 10 * NS_PER_US, RP_EVENT_SUSPECT, RP_SUSPECT_COOKIE);
	happen(&seen, 88 * NS_PER_S, RP_EVENT_DONE, RP_SUSPECT_NONE);
	assert_int_equal(seen.lines, 10 * EXCESS_LINES + 1);
	assert_int_equal(seen.lines - 1 + seen.counted[OUT_OMITTED_SUSPECT], 1000000);
	assert_int_equal(seen.summaries, 10);
}

/* One kind takes no line from another, and what only we can cause has them all. */
TEST(each_kind_has_its_own)
{
	struct seen seen = {0};

	for (int i = 0; i < 1000; i++) {
		happen(&seen, NS_PER_S, RP_EVENT_SUSPECT, RP_SUSPECT_COOKIE);
		happen(&seen, NS_PER_S, RP_EVENT_REPLY, RP_SUSPECT_NONE);
	}
	assert_int_equal(seen.lines, 1000 + EXCESS_LINES);
	happen(&seen, NS_PER_S, RP_EVENT_SUSPECT, RP_SUSPECT_CHECKSUM);
	happen(&seen, NS_PER_S, RP_EVENT_DUPLICATE, RP_SUSPECT_NONE);
	happen(&seen, NS_PER_S, RP_EVENT_ERROR, RP_SUSPECT_NONE);
	assert_int_equal(seen.lines, 1003 + EXCESS_LINES);
}

/* An answer, an error and a duplicate for each of our own probes are shown at any rate. */
TEST(a_fast_series_shows_all)
{
	struct seen seen = {0};

	for (int64_t i = 0; i < 30000; i++) {
		happen(&seen, i * 100 * NS_PER_US, RP_EVENT_SENT, RP_SUSPECT_NONE);
		if (i >= 50)
			happen(&seen, i * 100 * NS_PER_US, RP_EVENT_ERROR, RP_SUSPECT_NONE);
	}
	happen(&seen, 4 * NS_PER_S, RP_EVENT_DONE, RP_SUSPECT_NONE);
	assert_int_equal(seen.lines, 2 * 30000 - 50 + 1);
	assert_int_equal(seen.summaries, 0);
}
