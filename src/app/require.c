/* SPDX-License-Identifier: MIT */
/* Reads the conditions of --require, takes the values from the statistics, and compares them. */
#include "app/require.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "base/num.h"
#include "out/report.h"

enum unit {
	UNIT_COUNT,
	UNIT_TIME,    /* ns */
	UNIT_PERCENT, /* millionths */
};

struct measure {
	const char *name;
	enum unit unit;
	size_t offset; /* in struct rp_stats; loss has none */
};

static const struct measure measures[] = {
	{"loss", UNIT_PERCENT, 0},
	{"min", UNIT_TIME, offsetof(struct rp_stats, rtt_min)},
	{"avg", UNIT_TIME, offsetof(struct rp_stats, rtt_mean)},
	{"max", UNIT_TIME, offsetof(struct rp_stats, rtt_max)},
	{"mdev", UNIT_TIME, offsetof(struct rp_stats, rtt_mdev)},
	{"jitter", UNIT_TIME, offsetof(struct rp_stats, jitter)},
	{"p50", UNIT_TIME, offsetof(struct rp_stats, rtt_p50)},
	{"p90", UNIT_TIME, offsetof(struct rp_stats, rtt_p90)},
	{"p95", UNIT_TIME, offsetof(struct rp_stats, rtt_p95)},
	{"p99", UNIT_TIME, offsetof(struct rp_stats, rtt_p99)},
	{"p99.9", UNIT_TIME, offsetof(struct rp_stats, rtt_p999)},
	{"sent", UNIT_COUNT, offsetof(struct rp_stats, sent)},
	{"received", UNIT_COUNT, offsetof(struct rp_stats, received)},
	{"lost", UNIT_COUNT, offsetof(struct rp_stats, lost)},
	{"late", UNIT_COUNT, offsetof(struct rp_stats, late)},
	{"duplicates", UNIT_COUNT, offsetof(struct rp_stats, duplicates)},
	{"errors", UNIT_COUNT, offsetof(struct rp_stats, errors)},
	{"unsent", UNIT_COUNT, offsetof(struct rp_stats, unsent)},
	{"reordered", UNIT_COUNT, offsetof(struct rp_stats, reordered)},
	{"outages", UNIT_COUNT, offsetof(struct rp_stats, outages)},
};

/* The orders of what is measured to what is wanted that fulfil it: bits 0 (less), 1 (equal), 2 (more). The longer
 * signs first. */
static const struct {
	const char *sign;
	unsigned orders;
} relations[] = {{"<=", 3}, {">=", 6}, {"<", 1}, {">", 4}, {"=", 2}};

struct condition {
	const char *text; /* `length` bytes */
	size_t length;
	const struct measure *measure;
	unsigned orders;
	int64_t value;
};

static int read_percent(const char *text, int64_t *value)
{
	char digits[32];
	size_t length = strlen(text);

	if (length < 2 || text[length - 1] != '%' || length > sizeof digits)
		return -EINVAL;
	memcpy(digits, text, length - 1);
	digits[length - 1] = '\0';
	if (strspn(digits, "0123456789.") != length - 1)
		return -EINVAL;
	return ns_parse(digits, INT64_C(1000000), value);
}

static int read_value(enum unit unit, const char *text, int64_t *value)
{
	switch (unit) {
	case UNIT_COUNT:
		return num_parse_i64(text, 0, INT64_MAX, value);
	case UNIT_TIME:
		/* Without a unit it could be anything. */
		if (strspn(text, "0123456789.") == strlen(text))
			return -EINVAL;
		return ns_parse(text, NS_PER_S, value);
	case UNIT_PERCENT:
		return read_percent(text, value);
	}
	return -EINVAL;
}

static const struct measure *find_measure(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
		if (strlen(measures[i].name) == length && memcmp(measures[i].name, name, length) == 0)
			return &measures[i];
	return NULL;
}

/* Reads the condition at `text`; 0, or -1 with the reason. */
static int read_condition(const char *text, struct condition *condition, char *why, size_t size)
{
	static const char *const wanted[] = {
		[UNIT_COUNT] = "a whole number",
		[UNIT_TIME] = "a time with its unit (20ms, 500us, 1.5s)",
		[UNIT_PERCENT] = "a percentage (1%)",
	};
	size_t name = strcspn(text, "<>=,");
	char value[64];

	*condition = (struct condition){.text = text, .length = strcspn(text, ",")};
	condition->measure = find_measure(text, name);
	if (condition->measure == NULL) {
		snprintf(why, size,
			 "'%.*s' is no measure (loss, min, avg, max, mdev, jitter, p50 to p99.9, received, ...)",
			 (int)name, text);
		return -1;
	}
	for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
		size_t sign = strlen(relations[i].sign);

		if (strncmp(text + name, relations[i].sign, sign) != 0)
			continue;
		condition->orders = relations[i].orders;
		snprintf(value, sizeof value, "%.*s", (int)(condition->length - name - sign), text + name + sign);
		if (read_value(condition->measure->unit, value, &condition->value) == 0)
			return 0;
		snprintf(why, size, "%s is compared with %s, not with '%s'", condition->measure->name,
			 wanted[condition->measure->unit], value);
		return -1;
	}
	snprintf(why, size, "after '%s' one of < <= > >= = is needed", condition->measure->name);
	return -1;
}

int require_check(const char *text, char *why, size_t size)
{
	struct condition condition;

	for (const char *at = text;; at++) {
		if (read_condition(at, &condition, why, size) < 0)
			return -1;
		at += condition.length;
		if (*at == '\0')
			return 0;
	}
}

/* ---- judging ---------------------------------------------------------------------------------- */

/* RP_TIME_NONE: not measured. */
static int64_t measured(const struct measure *measure, const struct rp_stats *stats)
{
	int64_t value;

	if (measure->unit == UNIT_PERCENT)
		return (int64_t)(report_loss(stats) * 1e6 + 0.5);
	/* Counters are unsigned, and never so large that it matters. */
	memcpy(&value, (const char *)stats + measure->offset, sizeof value);
	return value;
}

static bool holds(const struct condition *condition, int64_t value)
{
	int order = (value > condition->value) - (value < condition->value);

	return value != RP_TIME_NONE && (condition->orders >> (order + 1) & 1);
}

static void add_value(struct strbuf *text, enum unit unit, int64_t value)
{
	char buffer[NS_TEXT_SIZE];

	if (value == RP_TIME_NONE) {
		strbuf_add(text, "not measured");
		return;
	}
	switch (unit) {
	case UNIT_COUNT:
		strbuf_addf(text, "%" PRId64, value);
		break;
	case UNIT_TIME:
		strbuf_addf(text, "%s ms", ns_format_ms(value, buffer));
		break;
	case UNIT_PERCENT:
		report_add_loss(text, (double)value / 1e6);
		strbuf_add_char(text, '%');
		break;
	}
}

static void add_words(struct strbuf *text, const struct condition *condition, int64_t value, bool held, bool first)
{
	strbuf_addf(text, "%s%.*s %s (", first ? " " : ", ", (int)condition->length, condition->text,
		    held ? "holds" : "FAILS");
	add_value(text, condition->measure->unit, value);
	strbuf_add_char(text, ')');
}

/* What a condition is made of needs no escapes. */
static void add_json(struct strbuf *text, const struct condition *condition, int64_t value, bool held, bool first)
{
	strbuf_addf(text, "%s{\"condition\":\"%.*s\",\"held\":%s,\"measured\":", first ? "" : ",",
		    (int)condition->length, condition->text, held ? "true" : "false");
	if (value == RP_TIME_NONE)
		strbuf_add(text, "null}");
	else if (condition->measure->unit == UNIT_COUNT)
		strbuf_addf(text, "%" PRId64 "}", value);
	else /* percent, or milliseconds */
		strbuf_addf(text, "%.6f}", (double)value / 1e6);
}

bool require_judge(const char *text, const struct rp_stats *stats, bool json, int64_t wall, struct strbuf *verdict)
{
	struct condition condition;
	struct strbuf details;
	char why[8];
	bool all = true;

	strbuf_init(&details);
	for (const char *at = text; read_condition(at, &condition, why, sizeof why) == 0; at++) {
		int64_t value = measured(condition.measure, stats);
		bool held = holds(&condition, value);

		all = all && held;
		(json ? add_json : add_words)(&details, &condition, value, held, at == text);
		at += condition.length;
		if (*at == '\0')
			break;
	}
	if (json)
		strbuf_addf(verdict,
			    "{\"v\":2,\"event\":\"verdict\",\"time_ns\":%" PRId64 ",\"held\":%s,\"conditions\":[%s]}\n",
			    wall, all ? "true" : "false", details.text ? details.text : "");
	else
		strbuf_addf(verdict, "require:%s: %s\n", details.text ? details.text : "", all ? "held" : "NOT HELD");
	verdict->failed |= details.failed;
	strbuf_fini(&details);
	return all;
}
