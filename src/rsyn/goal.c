/* SPDX-License-Identifier: MIT */
/* Counts the ports in each state. A late answer may change a port, so the last state of each port counts. */
#include "rsyn/goal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/ns.h"
#include "out/report.h"
#include "app/app.h"
#include "app/time.h"

/* Between two looks at a port that is not yet in the wanted state. */
#define LOOK_AGAIN (250 * NS_PER_MS)

/* So many ports a sentence names. */
#define NAMED_MAX 3

const char *goal_read(struct goal *goal, const struct rsyn_options *options)
{
	bool open = options->wait_open >= 0, closed = options->wait_closed >= 0;

	if (open && closed)
		return "--wait-open and --wait-closed exclude each other";
	if (options->any && options->all)
		return "--any and --all exclude each other";
	if ((open || closed) && options->expect != RP_STATE_UNKNOWN)
		return "--expect and waiting exclude each other: --wait-open and --wait-closed name the state";
	if ((open || closed) && rsyn_is_series(options))
		return "waiting and the series of -c exclude each other";
	goal->any = options->any;
	goal->began = time_now(CLOCK_MONOTONIC);
	goal->wait = open ? options->wait_open : closed ? options->wait_closed : -1;
	goal->state = closed ? RP_STATE_CLOSED : RP_STATE_OPEN;
	if (options->expect != RP_STATE_UNKNOWN)
		goal->state = (enum rp_state)options->expect;
	return NULL;
}

void goal_fill(const struct goal *goal, struct rp_config *config)
{
	if (!goal->any && goal->wait < 0)
		return;
	config->sought = goal->state;
	config->sought_first = goal->any;
	if (goal->wait < 0)
		return;
	config->wait_interval = LOOK_AGAIN;
	/* A look without waiting still needs the time of one. */
	if (goal->wait > 0 && (config->deadline == RP_TIME_NONE || goal->wait < config->deadline))
		config->deadline = goal->wait;
	else if (goal->wait == 0)
		config->wait_interval = 0;
}

int goal_watch(struct goal *goal, const struct rp_config *config)
{
	goal->config = config;
	goal->grid = rp_targets_asked(config->targets);
	goal->asked = rp_grid_count(goal->grid);
	goal->states = array_new(goal->asked + 1, sizeof *goal->states);
	goal->reasons = array_new(goal->asked + 1, sizeof *goal->reasons);
	return goal->states != NULL && goal->reasons != NULL ? 0 : -ENOMEM;
}

void goal_event(void *user, const struct rp_event *event)
{
	struct goal *goal = user;
	bool scan = goal->config->plan == RP_PLAN_SCAN;

	/* What a scan decides is in PORT alone. */
	if (event->kind != RP_EVENT_PORT &&
	    (scan || (event->kind != RP_EVENT_REPLY && event->kind != RP_EVENT_TIMEOUT)))
		return;
	int64_t row = rp_grid_number(goal->grid, event->target, event->port);
	if (row < 0) /* a canary */
		return;
	uint8_t *state = &goal->states[row];

	goal->reasons[row] = (uint8_t)event->reason;
	if (scan || (event->kind == RP_EVENT_REPLY && event->state == RP_STATE_OPEN))
		*state = (uint8_t)event->state;
	else if (*state != RP_STATE_OPEN)
		*state = (uint8_t)(event->kind == RP_EVENT_REPLY ? event->state : RP_STATE_FILTERED);
}

static bool is_reached(const struct goal *goal, uint64_t row)
{
	enum rp_state state = (enum rp_state)goal->states[row];
	bool gone = goal->wait >= 0 && goal->state == RP_STATE_CLOSED && state == RP_STATE_FILTERED;

	return state == goal->state || gone;
}

static uint64_t count_reached(const struct goal *goal)
{
	uint64_t reached = 0;

	for (uint64_t row = 0; row < goal->asked; row++)
		reached += is_reached(goal, row);
	return reached;
}

bool goal_reached(const struct goal *goal)
{
	uint64_t reached = count_reached(goal);

	return goal->any ? reached > 0 : reached == goal->asked && goal->asked > 0;
}

static void add_port(const struct goal *goal, uint64_t row, struct strbuf *text)
{
	struct rp_pair pair = rp_grid_pair(goal->grid, row);
	enum rp_reason reason = (enum rp_reason)goal->reasons[row];
	char address[RP_ADDR_TEXT_SIZE];

	strbuf_add_escaped(text, report_host(rp_targets_at(goal->config->targets, pair.target), address));
	strbuf_addf(text, ":%u %s", pair.port, rp_state_name((enum rp_state)goal->states[row]));
	if (reason != RP_REASON_NONE)
		strbuf_addf(text, " (%s)", rp_reason_name(reason));
}

void goal_explain(const struct goal *goal, struct strbuf *text)
{
	uint64_t left = goal->asked - count_reached(goal);
	char seconds[NS_TEXT_SIZE];
	unsigned named = 0;

	ns_format_s(time_now(CLOCK_MONOTONIC) - goal->began, 1, seconds);
	strbuf_addf(text, "waited %s s, ", seconds);
	if (goal->any)
		strbuf_addf(text, "none of %" PRIu64 " port%s is %s: ", goal->asked, goal->asked == 1 ? "" : "s",
			    rp_state_name(goal->state));
	else
		strbuf_addf(text, "%" PRIu64 " of %" PRIu64 " port%s %s not %s: ", left, goal->asked,
			    goal->asked == 1 ? "" : "s", left == 1 ? "is" : "are", rp_state_name(goal->state));
	for (uint64_t row = 0; row < goal->asked && named < NAMED_MAX; row++)
		if (!is_reached(goal, row)) {
			strbuf_add(text, named++ > 0 ? ", " : "");
			add_port(goal, row, text);
		}
	if (left > named)
		strbuf_addf(text, " and %" PRIu64 " more", left - named);
}

void goal_free(struct goal *goal)
{
	free(goal->reasons);
	free(goal->states);
}
