/* SPDX-License-Identifier: MIT */
/*
 * A plan without an engine: it is asked for probes, told what became of them, and its own events are kept.
 *
 *     SCAN_TEST(one_is_enough)
 *     {
 *             scan->config.sought_first = true;
 *             planned_open(scan, "10.0.0.1", "22,80");
 *             planned_next(scan);
 *             planned_tell(scan, PLAN_NEWS_REPLY, &scan->probe, RP_STATE_OPEN);
 *             ...
 */
#ifndef TESTS_UNIT_PLANNED_H
#define TESTS_UNIT_PLANNED_H

#include "unit.h"

#include "plan/plan.h"
#include "target/set.h"

struct planned {
	const struct plan_type *type;
	struct rp_config config; /* the test changes it before planned_open() */
	struct rp_targets *targets;
	struct plan *plan;
	int64_t now;
	int64_t rtt;                /* of what is answered */
	struct rp_probe probe;      /* that came last */
	struct rp_event port, host; /* told last */
	unsigned port_events, host_events;
};

/* What the plan has decided since. */
static inline void planned_fetch(struct planned *planned)
{
	struct rp_event event;

	while (planned->type->decided != NULL && planned->type->decided(planned->plan, &event)) {
		if (event.kind == RP_EVENT_PORT) {
			planned->port_events++;
			planned->port = event;
		} else {
			planned->host_events++;
			planned->host = event;
		}
	}
}

static inline void planned_init(struct planned *planned, const struct plan_type *type)
{
	*planned = (struct planned){
		.type = type,
		.rtt = MS,
		.config = {.interval = SECOND,
			   .preload = 1,
			   .timeout = RP_TIME_NONE,
			   .max_retries = 10,
			   .initial_rtt_timeout = SECOND,
			   .min_rtt_timeout = 100 * MS,
			   .max_rtt_timeout = 10 * SECOND},
	};
}

static inline void planned_close(struct planned *planned)
{
	if (planned->plan != NULL)
		planned->type->close(planned->plan);
	rp_targets_free(planned->targets);
	*planned = (struct planned){.type = planned->type, .rtt = planned->rtt, .config = planned->config};
}

/* Targets with these ports; "": none. */
static inline void planned_add(struct planned *planned, const char *targets, const char *ports)
{
	struct rp_ports *list = NULL;

	if (ports != NULL)
		assert_int_equal(*ports == '\0' ? rp_ports_join(&list, NULL, 0) : rp_ports_parse(&list, ports, NULL),
				 0);
	assert_int_equal(rp_targets_set_ports(planned->targets, list), 0);
	assert_int_equal(set_add_text(planned->targets, targets, NULL), 0);
	rp_ports_free(list);
}

static inline void planned_set(struct planned *planned, const char *targets, const char *ports)
{
	planned_close(planned);
	assert_int_equal(rp_targets_new(&planned->targets), 0);
	planned_add(planned, targets, ports);
	planned->config.targets = planned->targets;
}

static inline void planned_start(struct planned *planned)
{
	struct plan_setup setup = {.config = &planned->config};

	assert_int_equal(planned->type->open(&planned->plan, &setup), 0);
}

/* Also anew, after another. */
static inline void planned_open(struct planned *planned, const char *targets, const char *ports)
{
	planned_set(planned, targets, ports);
	planned_start(planned);
}

static inline enum plan_answer planned_next(struct planned *planned)
{
	return planned->type->next(planned->plan, planned->now, &planned->probe);
}

/* The next probe, which must come. */
static inline struct rp_probe planned_probe(struct planned *planned)
{
	assert_int_equal(planned_next(planned), PLAN_PROBE);
	return planned->probe;
}

static inline void planned_news(struct planned *planned, enum plan_news_kind kind, const struct rp_probe *probe,
				enum rp_state state, bool concluded)
{
	int64_t rtt = kind == PLAN_NEWS_REPLY || kind == PLAN_NEWS_ERROR ? planned->rtt : RP_TIME_NONE;

	planned->type->news(planned->plan, planned->now,
			    &(struct plan_news){.kind = kind,
						.probe = probe,
						.state = state,
						.rtt = rtt,
						.limit = rtt,
						.concluded = concluded});
	planned_fetch(planned);
}

/* The first news about a probe, and further ones. */
static inline void planned_tell(struct planned *planned, enum plan_news_kind kind, const struct rp_probe *probe,
				enum rp_state state)
{
	planned_news(planned, kind, probe, state, kind != PLAN_NEWS_SENT);
}

static inline void planned_tell_more(struct planned *planned, enum plan_news_kind kind, const struct rp_probe *probe,
				     enum rp_state state)
{
	planned_news(planned, kind, probe, state, false);
}

/* The next probe comes and is answered so. */
static inline void planned_answer(struct planned *planned, enum rp_state state)
{
	planned_probe(planned);
	planned_tell(planned, PLAN_NEWS_REPLY, &planned->probe, state);
}

/* Silence about the probe that came last. */
static inline void planned_silence(struct planned *planned)
{
	planned_tell(planned, PLAN_NEWS_TIMEOUT, &planned->probe, RP_STATE_UNKNOWN);
}

/* Time passes to the next alarm, which must be at that time. */
static inline void planned_wake_at(struct planned *planned, int64_t when)
{
	assert_int_equal(planned->type->alarm(planned->plan), when);
	planned->now = when;
	planned->type->wake(planned->plan, when);
	planned_fetch(planned);
}

static inline int64_t planned_ends(const struct planned *planned)
{
	return planned->type->ends(planned->plan).at;
}

static inline int64_t planned_due(const struct planned *planned)
{
	return planned->type->due(planned->plan);
}

#define PLANNED_TEST(name, type, variable)                                                                             \
	static void with_##name(struct planned *variable);                                                             \
	TEST(name)                                                                                                     \
	{                                                                                                              \
		struct planned planned;                                                                                \
                                                                                                                       \
		planned_init(&planned, type);                                                                          \
		with_##name(&planned);                                                                                 \
		planned_close(&planned);                                                                               \
	}                                                                                                              \
	static void with_##name(struct planned *variable)
#define SCAN_TEST(name)   PLANNED_TEST(name, &plan_scan, scan)
#define SERIES_TEST(name) PLANNED_TEST(name, &plan_series, series)

#endif
