/* SPDX-License-Identifier: MIT */
/*
 * Who is next: the targets with work stand in a ring and give one probe each, a retry before a port never tried and this
 * before one that this host could not send, so that none takes the load alone and none waits for another. A target with its
 * full share in flight, or whose probes are refused, leaves the ring until there is room again.
 */
#include "plan/scan/scan.h"

#define DYNAMIC_FIRST 49152

uint32_t item_target(const struct scan *scan, uint32_t index)
{
	uint32_t low = 0, high = scan->targets;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (scan->hosts[middle].items <= index)
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool item_is_canary(const struct host *host, uint32_t index)
{
	return index - host->items >= host->port_count;
}

uint32_t item_find(const struct host *host, uint16_t port)
{
	int64_t index = rp_ports_find(host->ports, port);

	return index < 0 ? ITEM_NONE : host->items + (uint32_t)index;
}

/* A dynamic port (RFC 6335) that nobody asked for, another one for each target and canary; 0: none was found. */
static uint16_t canary_port(const struct host *host, uint32_t index)
{
	uint64_t mixed = (index + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned shift = 0; shift < 50; shift += 2) {
		uint16_t port = (uint16_t)(DYNAMIC_FIRST + (mixed >> shift) % (65536 - DYNAMIC_FIRST));

		if (rp_ports_find(host->ports, port) < 0)
			return port;
	}
	return 0;
}

uint16_t item_port(const struct host *host, uint32_t index)
{
	return item_is_canary(host, index) ? canary_port(host, index) : rp_ports_at(host->ports, index - host->items);
}

void sched_wake(struct scan *scan, uint32_t target)
{
	struct host *host = &scan->hosts[target];

	if (host->in_ring || host->finished)
		return;
	host->in_ring = true;
	host->ring_next = HOST_NONE;
	if (scan->ring_tail != HOST_NONE)
		scan->hosts[scan->ring_tail].ring_next = target;
	else
		scan->ring_head = target;
	scan->ring_tail = target;
}

static uint32_t ring_take(struct scan *scan)
{
	uint32_t target = scan->ring_head;

	scan->ring_head = scan->hosts[target].ring_next;
	if (scan->ring_head == HOST_NONE)
		scan->ring_tail = HOST_NONE;
	scan->hosts[target].in_ring = false;
	return target;
}

static void push(struct scan *scan, struct queue *queue, uint32_t target, uint32_t index)
{
	scan->items[index].status = ITEM_QUEUED;
	if (scan->items[index].linked)
		return; /* answered before its turn came, and now to be asked again */
	scan->items[index].linked = true;
	scan->items[index].next = ITEM_NONE;
	if (queue->tail != ITEM_NONE)
		scan->items[queue->tail].next = index;
	else
		queue->head = index;
	queue->tail = index;
	sched_wake(scan, target);
}

void sched_push(struct scan *scan, uint32_t target, uint32_t index)
{
	push(scan, &scan->hosts[target].retries, target, index);
}

void sched_push_unsent(struct scan *scan, uint32_t target, uint32_t index)
{
	push(scan, &scan->hosts[target].unsent, target, index);
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
		sched_wake(scan, *target);
		return index;
	}
	return ITEM_NONE;
}
