/* SPDX-License-Identifier: MIT */
/* Hides how states are counted: the last word on each port, as a late answer may change it. */
#include "rsyn/goal.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ns.h"

/* Between two looks at a port that is not yet in the wanted state. */
#define LOOK_AGAIN (250 * NS_PER_MS)

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
	uint32_t targets = rp_targets_count(config->targets);

	goal->config = config;
	goal->rows = rp_ports_rows(config);
	if (goal->rows == NULL)
		return -ENOMEM;
	goal->asked = goal->rows[targets];
	goal->hosts = 0;
	for (uint32_t target = 0; target < targets; target++)
		goal->hosts += goal->rows[target + 1] > goal->rows[target];
	goal->states = calloc(goal->asked + 1, sizeof *goal->states);
	return goal->states != NULL ? 0 : -ENOMEM;
}

void goal_event(void *user, const struct rp_event *event)
{
	struct goal *goal = user;
	bool scan = goal->config->plan == RP_PLAN_SCAN;

	/* What a scan decides is in PORT alone. */
	if (event->kind != RP_EVENT_PORT &&
	    (scan || (event->kind != RP_EVENT_REPLY && event->kind != RP_EVENT_TIMEOUT)))
		return;
	int64_t index = rp_ports_find(rp_ports_of(goal->config, event->target), event->port);
	if (index < 0) /* a canary */
		return;
	uint8_t *state = &goal->states[goal->rows[event->target] + (uint64_t)index];
	if (scan || (event->kind == RP_EVENT_REPLY && event->state == RP_STATE_OPEN))
		*state = (uint8_t)event->state;
	else if (*state != RP_STATE_OPEN)
		*state = (uint8_t)(event->kind == RP_EVENT_REPLY ? event->state : RP_STATE_FILTERED);
}

bool goal_reached(const struct goal *goal)
{
	uint64_t reached = 0;

	for (uint64_t i = 0; i < goal->asked; i++) {
		enum rp_state state = (enum rp_state)goal->states[i];
		bool gone = goal->wait >= 0 && goal->state == RP_STATE_CLOSED && state == RP_STATE_FILTERED;

		reached += state == goal->state || gone;
	}
	return goal->any ? reached > 0 : reached == goal->asked && goal->asked > 0;
}

void goal_free(struct goal *goal)
{
	free(goal->states);
	free(goal->rows);
}
