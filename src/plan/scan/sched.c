/* SPDX-License-Identifier: MIT */
/*
 * Which probe is next. The targets with work stand in a ring and give one probe each: a retry before a port never
 * tried, and this before one that this host could not send. So no target takes all the load, and none waits for
 * another. A target with its full share in flight, or whose probes are refused, leaves the ring until there is room
 * again.
 */
#include "plan/scan/scan.h"

static uint32_t ring_take(struct scan *scan)
{
	uint32_t target = scan->ring_head;

	scan->ring_head = scan->hosts[target].ring_next;
	if (scan->ring_head == HOST_NONE)
		scan->ring_tail = HOST_NONE;
	scan->hosts[target].in_ring = false;
	return target;
}

/* The decided ones on the way are dropped. */
static uint32_t take_queued(struct scan *scan, struct queue *queue)
{
	while (queue->head != ITEM_NONE) {
		uint32_t index = queue->head;

		queue->head = scan->items[index].next;
		if (queue->head == ITEM_NONE)
			queue->tail = ITEM_NONE;
		scan->items[index].linked = false;
		if (scan->items[index].status == ITEM_QUEUED)
			return index;
	}
	return ITEM_NONE;
}

static uint32_t take_fresh(const struct scan *scan, struct host *host)
{
	while (host->fresh < host->port_count) {
		uint32_t index = host->items + host->fresh++;

		if (scan->items[index].status == ITEM_NEW)
			return index;
	}
	while (host->canary_fresh < host->canaries) {
		uint32_t index = host->items + host->port_count + host->canary_fresh++;

		if (scan->items[index].status == ITEM_NEW)
			return index;
	}
	return ITEM_NONE;
}

uint32_t sched_next(struct scan *scan, uint32_t *target)
{
	uint32_t share = scan->config->per_target;

	while (scan->ring_head != HOST_NONE) {
		*target = ring_take(scan);
		struct host *host = &scan->hosts[*target];

		if (host->finished || (share > 0 && host->flying >= share) || !refusal_allows(host))
			continue;
		uint32_t index = ban_take(host);
		if (index == ITEM_NONE)
			index = take_queued(scan, &host->retries);
		if (index == ITEM_NONE)
			index = take_fresh(scan, host);
		if (index == ITEM_NONE)
			index = take_queued(scan, &host->unsent);
		if (index == ITEM_NONE)
			continue;
		refusal_take(host);
		item_wake(scan, *target);
		return index;
	}
	return ITEM_NONE;
}
