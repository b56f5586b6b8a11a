/* SPDX-License-Identifier: MIT */
/* stderr in a long run: a sentence a second at most, and every failure is counted in one of them. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "base/ns.h"
#include "app/notices.h"

struct told {
	struct unsent unsent;
	struct rp_config config;
	struct strbuf text; /* the last */
	unsigned lines;
	uint64_t sequence;
};

static void begin(struct told *told)
{
	*told = (struct told){.config.plan = RP_PLAN_SERIES};
	strbuf_init(&told->text);
}

static bool happen(struct told *told, int64_t time, int error)
{
	struct rp_event event = {
		.kind = error != 0 ? RP_EVENT_UNSENT : RP_EVENT_SENT,
		.time = time,
		.address = rp_addr_ipv4(0x0a000002),
		.sequence = ++told->sequence,
		.error = error,
	};

	strbuf_clear(&told->text);
	bool tells = unsent_report(&told->unsent, &event, &told->config, &told->text);
	told->lines += tells;
	return tells;
}

/* 9 s at 1 kHz: the first, and then about each second one that speaks for the thousand. */
TEST(a_thousand_a_second)
{
	struct told told;

	begin(&told);
	for (int64_t i = 0; i < 9000; i++)
		happen(&told, i * NS_PER_MS, ENETUNREACH);
	assert_int_equal(told.lines, 10);
	happen(&told, 9000 * NS_PER_MS, ENETUNREACH);
	assert_string_equal(told.text.text,
			    "10.0.0.2: probe 9001 was not sent: no route to the network, or the link is "
			    "down (and 899 more before it)");
	assert_true(happen(&told, 9001 * NS_PER_MS, 0));
	assert_string_equal(told.text.text,
			    "10.0.0.2: sending works again, from probe 9002 on; 9001 before it were not sent");
	assert_false(happen(&told, 9002 * NS_PER_MS, 0));
	strbuf_fini(&told.text);
}

/* One a second, as ping does, is told one by one; another reason at once. */
TEST(one_by_one)
{
	struct told told;

	begin(&told);
	for (int64_t i = 0; i < 5; i++)
		assert_true(happen(&told, i * NS_PER_S + (i % 2 ? 0 : 20 * NS_PER_MS), EPERM)); /* late */
	assert_null(strstr(told.text.text, "nor"));
	assert_true(happen(&told, 4 * NS_PER_S + 21 * NS_PER_MS, EMSGSIZE));
	strbuf_fini(&told.text);
}

/* Every second probe fails at 1 kHz: two lines a second. */
TEST(flapping)
{
	struct told told;

	begin(&told);
	for (int64_t i = 0; i < 4500; i++)
		happen(&told, (i + 1) * NS_PER_MS, i % 2 ? 0 : ENOBUFS);
	assert_int_equal(told.lines, 2 * 5);
	strbuf_fini(&told.text);
}

TEST(who_waits_is_told_once)
{
	struct told told;

	begin(&told);
	told.config.until_answered = 1;
	for (int64_t i = 0; i < 100; i++)
		happen(&told, i * NS_PER_S, i < 50 ? ENETUNREACH : EHOSTUNREACH);
	assert_int_equal(told.lines, 2);
	strbuf_fini(&told.text);
}

/* Another target's success is no recovery. */
TEST(of_one_target)
{
	struct told told;

	begin(&told);
	assert_true(happen(&told, 1, EHOSTUNREACH));
	struct rp_event other = {.kind = RP_EVENT_SENT, .time = 2, .target = 1, .sequence = 1};
	assert_false(unsent_report(&told.unsent, &other, &told.config, &told.text));
	assert_true(happen(&told, 3, 0));
	assert_non_null(strstr(told.text.text, "1 before it was not"));
	strbuf_fini(&told.text);
}

/* A scan is told that the interface is gone and that it is back, whatever failed in between, and so each time. */
TEST(a_scan_that_was_cut_off)
{
	struct told told;

	begin(&told);
	told.config.plan = RP_PLAN_SCAN;
	for (int64_t i = 0; i < 2; i++) {
		assert_true(happen(&told, 10 * i + 1, ENODEV));
		assert_false(happen(&told, 10 * i + 2, ENODEV));
		assert_true(happen(&told, 10 * i + 3, ENETUNREACH));
		strbuf_clear(&told.text);
		assert_true(happen(&told, 10 * i + 4, 0));
		assert_string_equal(told.text.text, "sending works again; 3 probes were not sent");
		assert_false(happen(&told, 10 * i + 5, 0));
	}
	assert_true(happen(&told, 30, EPERM));
	assert_false(happen(&told, 31, 0));
	strbuf_fini(&told.text);
}

/* Two hosts that are refused for different reasons, in turns: each reason once in a scan, and once a second in a
 * series. */
TEST(two_reasons_in_turns)
{
	for (int scan = 0; scan < 2; scan++) {
		struct told told;

		begin(&told);
		told.config.plan = scan ? RP_PLAN_SCAN : RP_PLAN_SERIES;
		for (int64_t i = 0; i < 5000; i++)
			happen(&told, i * NS_PER_MS, i % 2 == 0 ? EINVAL : EHOSTUNREACH);
		assert_int_equal(told.lines, scan ? 2 : 2 * 6);
		strbuf_fini(&told.text);
	}
}
