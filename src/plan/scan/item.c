/* SPDX-License-Identifier: MIT */
/* Items: which port of which target each one is, and the queues in which it waits to be sent again. */
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

void item_wake(struct scan *scan, uint32_t target)
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
	item_wake(scan, target);
}

void item_push(struct scan *scan, uint32_t target, uint32_t index)
{
	push(scan, &scan->hosts[target].retries, target, index);
}

void item_push_unsent(struct scan *scan, uint32_t target, uint32_t index)
{
	push(scan, &scan->hosts[target].unsent, target, index);
}
