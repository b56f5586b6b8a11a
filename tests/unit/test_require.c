/* SPDX-License-Identifier: MIT */
/* The grammar of --require, its comparisons at their limits, and what is not measured. */

#include <stdio.h>

#include "unit.h"

#include "app/options.h"
#include "app/require.h"

static const struct rp_stats stats = {.sent = 100,
				      .received = 99,
				      .lost = 1,
				      .rtt_min = 1000000,
				      .rtt_mean = 2000000,
				      .rtt_max = 20000000,
				      .rtt_mdev = 5,
				      .jitter = RP_TIME_NONE,
				      .rtt_p50 = 1500000,
				      .rtt_p999 = 19999999};

TEST(grammar)
{
	static const char *const good[] = {
		"loss<=1%", "loss<=0.5%,p95<=20ms,jitter<=5ms", "p99.9<1s", "received=3", "max>=250us", "min>0s"};
	static const char *const bad[] = {
		"",          "loss",      "loss<=",    "loss<=1",    "loss<=1ms",   "p95<=20",
		"p96<=20ms", "loss<=1%,", ",loss<=1%", "loss <= 1%", "received=1%", "received=-1",
		"loss<=-1%", "loss!1%",   "loss==1%",  "max<nan",    "max<1e9s",    "received=99999999999999999999"};
	char why[200];

	for (size_t i = 0; i < LENGTH_OF(good); i++)
		assert_int_equal(require_check(good[i], why, sizeof why), 0);
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		why[0] = '\0';
		assert_int_equal(require_check(bad[i], why, sizeof why), -1);
		assert_true(strlen(why) > 10);
	}
}

/* What the shells offer is what is read; the sentence about a wrong measure is the only other list. */
TEST(measures_that_are_completed)
{
	static const char *const values[] = {"<1", "<1ms", "<1%"};
	char text[64], why[200];

	for (const struct choice *measure = app_require_options[0].choices; measure->name != NULL; measure++) {
		unsigned taken = 0;

		for (size_t i = 0; i < LENGTH_OF(values); i++) {
			snprintf(text, sizeof text, "%s%s", measure->name, values[i]);
			taken += require_check(text, why, sizeof why) == 0;
		}
		assert_int_equal(taken, 1);
	}
}

static bool judge(const char *text)
{
	struct strbuf verdict;

	strbuf_init(&verdict);
	bool held = require_judge(text, &stats, false, 0, &verdict);
	assert_non_null(strstr(verdict.text, held ? ": held\n" : ": NOT HELD\n"));
	strbuf_fini(&verdict);
	return held;
}

TEST(limits)
{
	assert_true(judge("loss<=1%"));
	assert_true(judge("loss=1%"));
	assert_false(judge("loss<1%"));
	assert_false(judge("loss<=0.999999%"));
	assert_true(judge("max<=20ms"));
	assert_false(judge("max<20ms"));
	assert_true(judge("p99.9<20ms"));
	assert_true(judge("received>=99,received<=99,sent>99"));
	assert_false(judge("received>99,sent>99"));
	assert_false(judge("jitter<=1h"));
	assert_false(judge("jitter>=0s"));
}

TEST(nothing_sent_is_loss)
{
	const struct rp_stats nothing = {.rtt_min = RP_TIME_NONE};
	struct strbuf verdict;

	strbuf_init(&verdict);
	assert_false(require_judge("loss<=99%", &nothing, true, 17, &verdict));
	assert_string_equal(
		verdict.text,
		"{\"v\":2,\"event\":\"verdict\",\"time_ns\":17,\"held\":false,\"conditions\":[{\"condition\":"
		"\"loss<=99%\",\"held\":false,\"measured\":100.000000}]}\n");
	strbuf_fini(&verdict);
}
