/* SPDX-License-Identifier: MIT */
/*
 * The probes that are in flight or were lately: one array of slots with three orders. A hash finds a slot by what an
 * answer names, a binary heap orders those that wait by deadline, and a list orders the finished ones by age. Slots are
 * used in order until all have been used once, so a short run touches little memory.
 */
#include "core/inflight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct inflight {
	struct slot *slots;
	uint32_t *buckets;
	uint32_t *heap;
	uint32_t capacity;
	bool in_order;
	uint32_t mask;
	uint32_t used;    /* slots used at least once */
	uint32_t waiting; /* length of the heap */
	uint32_t oldest, newest;
};

int inflight_new(struct inflight **inflight, uint32_t capacity, bool in_order)
{
	struct inflight *table = calloc(1, sizeof *table);
	uint32_t buckets = 16;

	if (table == NULL)
		return -ENOMEM;
	while (buckets < capacity)
		buckets *= 2;
	table->capacity = capacity;
	table->in_order = in_order;
	table->mask = buckets - 1;
	table->oldest = table->newest = SLOT_NONE;
	table->slots = calloc(capacity, sizeof *table->slots);
	table->heap = calloc(capacity, sizeof *table->heap);
	table->buckets = calloc(buckets, sizeof *table->buckets); /* holds index + 1: zero is empty */
	if (table->slots == NULL || table->heap == NULL || table->buckets == NULL) {
		inflight_free(table);
		return -ENOMEM;
	}
	*inflight = table;
	return 0;
}

static void hash_insert(struct inflight *inflight, uint32_t index);

int inflight_grow(struct inflight *inflight, uint32_t capacity)
{
	struct inflight *grown;
	int error = capacity > inflight->capacity ? inflight_new(&grown, capacity, inflight->in_order) : 0;

	if (error < 0 || capacity <= inflight->capacity)
		return error;
	memcpy(grown->slots, inflight->slots, inflight->used * sizeof *grown->slots);
	memcpy(grown->heap, inflight->heap, inflight->waiting * sizeof *grown->heap);
	grown->used = inflight->used;
	grown->waiting = inflight->waiting;
	grown->oldest = inflight->oldest;
	grown->newest = inflight->newest;
	for (uint32_t i = 0; i < grown->used; i++)
		if (grown->slots[i].state != SLOT_FREE)
			hash_insert(grown, i);
	struct inflight old = *inflight;
	*inflight = *grown;
	*grown = old;
	inflight_free(grown);
	return 0;
}

void inflight_free(struct inflight *inflight)
{
	if (inflight == NULL)
		return;
	free(inflight->slots);
	free(inflight->heap);
	free(inflight->buckets);
	free(inflight);
}

/* ---- the hash --------------------------------------------------------------------------------- */

static uint32_t *bucket_of(const struct inflight *inflight, uint32_t target, uint16_t port, uint64_t name)
{
	/* Only our own names are inserted, so nobody need be resisted. Those of a series follow one another, and so do
	 * their buckets, which spares the cache; its targets and ports begin far apart. */
	uint32_t start = target * UINT32_C(0x9e3779b1) + port * UINT32_C(0x85ebca6b);

	return &inflight->buckets[(start + (uint32_t)name) & inflight->mask];
}

static void hash_insert(struct inflight *inflight, uint32_t index)
{
	struct slot *slot = &inflight->slots[index];
	uint32_t *bucket = bucket_of(inflight, slot->probe.target, slot->probe.port, slot->name);

	slot->hash_next = *bucket;
	*bucket = index + 1;
}

static void hash_remove(struct inflight *inflight, uint32_t index)
{
	struct slot *slot = &inflight->slots[index];
	uint32_t *link = bucket_of(inflight, slot->probe.target, slot->probe.port, slot->name);

	while (*link != index + 1)
		link = &inflight->slots[*link - 1].hash_next;
	*link = slot->hash_next;
}

uint32_t inflight_find(const struct inflight *inflight, uint32_t target, uint16_t port, uint64_t name)
{
	for (uint32_t at = *bucket_of(inflight, target, port, name); at != 0;) {
		const struct slot *slot = &inflight->slots[at - 1];

		if (slot->name == name && slot->probe.target == target && slot->probe.port == port)
			return at - 1;
		at = slot->hash_next;
	}
	return SLOT_NONE;
}

/* ---- the heap --------------------------------------------------------------------------------- */

static void heap_place(struct inflight *inflight, uint32_t at, uint32_t index)
{
	inflight->heap[at] = index;
	inflight->slots[index].heap_at = at;
}

/* Probes of a series are given up in the order of their sending, also those that left at the same instant. */
static bool sooner(const struct inflight *inflight, uint32_t a, uint32_t b)
{
	const struct slot *one = &inflight->slots[a], *other = &inflight->slots[b];

	if (one->deadline != other->deadline || !inflight->in_order)
		return one->deadline < other->deadline;
	return one->probe.sequence < other->probe.sequence;
}

static void heap_up(struct inflight *inflight, uint32_t at, uint32_t index)
{
	while (at > 0 && sooner(inflight, index, inflight->heap[(at - 1) / 2])) {
		heap_place(inflight, at, inflight->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_place(inflight, at, index);
}

static void heap_down(struct inflight *inflight, uint32_t at, uint32_t index)
{
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= inflight->waiting)
			break;
		if (child + 1 < inflight->waiting && sooner(inflight, inflight->heap[child + 1], inflight->heap[child]))
			child++;
		if (!sooner(inflight, inflight->heap[child], index))
			break;
		heap_place(inflight, at, inflight->heap[child]);
		at = child;
	}
	heap_place(inflight, at, index);
}

static void heap_remove(struct inflight *inflight, uint32_t index)
{
	uint32_t at = inflight->slots[index].heap_at;
	uint32_t last = inflight->heap[--inflight->waiting];

	if (last == index)
		return;
	if (at > 0 && sooner(inflight, last, inflight->heap[(at - 1) / 2]))
		heap_up(inflight, at, last);
	else
		heap_down(inflight, at, last);
}

/* ---- the finished ----------------------------------------------------------------------------- */

static void finished_append(struct inflight *inflight, uint32_t index)
{
	inflight->slots[index].newer = SLOT_NONE;
	if (inflight->newest != SLOT_NONE)
		inflight->slots[inflight->newest].newer = index;
	else
		inflight->oldest = index;
	inflight->newest = index;
}

static uint32_t finished_take_oldest(struct inflight *inflight)
{
	uint32_t index = inflight->oldest;

	if (index == SLOT_NONE)
		return SLOT_NONE;
	inflight->oldest = inflight->slots[index].newer;
	if (inflight->oldest == SLOT_NONE)
		inflight->newest = SLOT_NONE;
	if (inflight->slots[index].state != SLOT_FREE)
		hash_remove(inflight, index);
	return index;
}

/* ---- the table -------------------------------------------------------------------------------- */

uint32_t inflight_add(struct inflight *inflight, const struct rp_probe *probe, uint64_t name, int64_t now,
		      int64_t deadline)
{
	uint32_t index = inflight->used < inflight->capacity ? inflight->used++ : finished_take_oldest(inflight);

	if (index == SLOT_NONE)
		return SLOT_NONE;
	inflight->slots[index] = (struct slot){
		.probe = *probe,
		.name = name,
		.state = SLOT_WAITING,
		.schedule_lag = RP_TIME_NONE,
		.accepted = RP_TIME_NONE,
		.handed = now,
		.followed = RP_TIME_NONE,
		.sent = {.ns = RP_TIME_NONE, .wall = RP_TIME_NONE, .clock = RP_CLOCK_USER},
		.deadline = deadline,
	};
	hash_insert(inflight, index);
	heap_up(inflight, inflight->waiting++, index);
	return index;
}

void inflight_arm(struct inflight *inflight, uint32_t index, int64_t deadline)
{
	struct slot *slot = &inflight->slots[index];
	bool sooner = deadline < slot->deadline;

	slot->deadline = deadline;
	if (sooner)
		heap_up(inflight, slot->heap_at, index);
	else
		heap_down(inflight, slot->heap_at, index);
}

struct slot *inflight_slot(struct inflight *inflight, uint32_t index)
{
	return &inflight->slots[index];
}

void inflight_finish(struct inflight *inflight, uint32_t index, enum slot_state state)
{
	struct slot *slot = &inflight->slots[index];

	if (slot->state == SLOT_WAITING) {
		heap_remove(inflight, index);
		finished_append(inflight, index);
	}
	if (state == SLOT_FREE)
		hash_remove(inflight, index);
	slot->state = state;
}

uint32_t inflight_first(const struct inflight *inflight)
{
	return inflight->waiting > 0 ? inflight->heap[0] : SLOT_NONE;
}

uint32_t inflight_waiting(const struct inflight *inflight)
{
	return inflight->waiting;
}

bool inflight_full(const struct inflight *inflight)
{
	return inflight->waiting == inflight->capacity;
}
