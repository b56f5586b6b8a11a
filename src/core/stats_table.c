/* SPDX-License-Identifier: MIT */
/* The counters of a run: of all of it, of each target, and of each port where a series goes to several. Which of
 * them are kept depends on their number. */
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "core/state.h"

/* Up to this many targets of a scan, and ports of a series, have counters of their own, half a kilobyte each; the
 * targets of a series all have. Up to the other number they have percentiles and the like. */
#define STATS_MOST    (1 << 16)
#define DETAILED_MOST 256

static struct stats *stats_list_new(uint64_t count, struct stats_detail *details)
{
	struct stats *list = array_new(count, sizeof *list);

	for (uint64_t i = 0; list != NULL && i < count; i++)
		stats_init(&list[i], details != NULL ? &details[i] : NULL);
	return list;
}

int session_open_stats_table(struct session *session)
{
	bool series = !session->plan_type->attempts;
	uint64_t targets = session->target_count;
	uint64_t all = rp_grid_count(session->grid);
	uint64_t pairs = series && session->port_count > 1 && all <= STATS_MOST ? all : 0;
	uint64_t detailed_targets = series && targets <= DETAILED_MOST ? targets : 0;
	uint64_t detailed_pairs = pairs <= DETAILED_MOST ? pairs : 0;

	session->details = array_new(1 + detailed_targets + detailed_pairs, sizeof *session->details);
	if (session->details == NULL)
		return -ENOMEM;
	struct stats_detail *of_targets = session->details + 1, *of_pairs = of_targets + detailed_targets;
	stats_init(&session->total, session->details);
	if (series || targets <= STATS_MOST) {
		session->targets = stats_list_new(targets, detailed_targets > 0 ? of_targets : NULL);
		if (session->targets == NULL)
			return -ENOMEM;
	}
	if (pairs == 0)
		return 0;
	session->pairs = stats_list_new(pairs, detailed_pairs > 0 ? of_pairs : NULL);
	return session->pairs != NULL ? 0 : -ENOMEM;
}

/* A larger copy, with the last ones empty; NULL: out of memory. */
static struct stats *stats_list_grow(struct stats *list, uint64_t before, uint64_t count)
{
	struct stats *grown = array_resize(list, count, sizeof *list);

	for (uint64_t i = before; grown != NULL && i < count; i++)
		stats_init(&grown[i], NULL);
	return grown;
}

/* What comes later has no percentiles. */
int session_grow_stats_table(struct session *session, uint32_t targets)
{
	if (session->targets != NULL && targets > session->target_count) {
		struct stats *grown = stats_list_grow(session->targets, session->target_count, targets);

		if (grown == NULL)
			return -ENOMEM;
		session->targets = grown;
	}
	uint64_t pairs = rp_grid_count(session->grid);
	if (session->pairs != NULL && pairs > session->pair_count) {
		struct stats *grown = stats_list_grow(session->pairs, session->pair_count, pairs);

		if (grown == NULL)
			return -ENOMEM;
		session->pairs = grown;
	}
	return 0;
}

void session_close_stats_table(struct session *session)
{
	free(session->targets);
	free(session->pairs);
	free(session->details);
}

struct stats *session_stats_of_port(const struct session *session, uint32_t target, uint16_t port)
{
	int64_t place = session->pairs != NULL ? rp_grid_number(session->grid, target, port) : -ENOENT;

	return place < 0 ? NULL : &session->pairs[place];
}

const struct stats *session_narrowest_stats(const struct session *session, uint32_t target, uint16_t port)
{
	const struct stats *pair = session_stats_of_port(session, target, port);

	if (pair != NULL)
		return pair;
	return session->targets != NULL && target < session->target_count ? &session->targets[target] : &session->total;
}

void session_count(struct session *session, const struct rp_event *event)
{
	struct stats *pair = session_stats_of_port(session, event->target, event->port);

	stats_event(&session->total, event);
	if (session->targets != NULL && event->target < session->target_count)
		stats_event(&session->targets[event->target], event);
	if (pair != NULL)
		stats_event(pair, event);
}
