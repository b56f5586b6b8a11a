/* SPDX-License-Identifier: MIT */
/* A binary heap of small entries, and the buffers beside it. */
#include "queue.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MEMORY  (UINT32_C(256) << 20) /* touched as it is needed */
#define ENTRIES (UINT32_C(1) << 17)

struct queue {
	struct queued *heap;
	uint32_t *free;
	uint8_t *buffers;
	size_t packet_size;
	size_t size; /* of all buffers */
	uint32_t capacity;
	uint32_t count;
	uint64_t order;
};

struct queue *queue_new(size_t packet_size)
{
	struct queue *queue = calloc(1, sizeof *queue);

	if (!queue)
		return NULL;
	queue->packet_size = packet_size;
	queue->capacity = (uint32_t)(MEMORY / packet_size);
	if (queue->capacity > ENTRIES)
		queue->capacity = ENTRIES;
	queue->size = queue->capacity * packet_size;
	queue->heap = calloc(queue->capacity, sizeof *queue->heap);
	queue->free = calloc(queue->capacity, sizeof *queue->free);
	queue->buffers =
		mmap(NULL, queue->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!queue->heap || !queue->free || queue->buffers == MAP_FAILED) {
		queue_free(queue);
		return NULL;
	}
	/* The last given back is the next taken: a handful of warm buffers serves most traffic. */
	for (uint32_t i = 0; i < queue->capacity; i++)
		queue->free[i] = queue->capacity - 1 - i;
	return queue;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	if (queue->buffers && queue->buffers != MAP_FAILED)
		munmap(queue->buffers, queue->size);
	free(queue->heap);
	free(queue->free);
	free(queue);
}

static bool before(const struct queued *a, const struct queued *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

int queue_push(struct queue *queue, int64_t due, uint16_t tag, uint16_t kind, const uint8_t *bytes, size_t length)
{
	if (queue->count == queue->capacity || length > queue->packet_size)
		return -1;

	struct queued entry = {
		.due = due,
		.order = queue->order++,
		.buffer = queue->free[queue->capacity - queue->count - 1],
		.length = (uint32_t)length,
		.tag = tag,
		.kind = kind,
	};
	uint32_t at = queue->count++;

	memcpy(queue->buffers + entry.buffer * queue->packet_size, bytes, length);
	while (at > 0 && before(&entry, &queue->heap[(at - 1) / 2])) {
		queue->heap[at] = queue->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	queue->heap[at] = entry;
	return 0;
}

const uint8_t *queue_pop(struct queue *queue, int64_t now, struct queued *queued)
{
	if (queue->count == 0 || queue->heap[0].due > now)
		return NULL;
	*queued = queue->heap[0];
	queue->count--;
	queue->free[queue->capacity - queue->count - 1] = queued->buffer;

	struct queued last = queue->heap[queue->count];
	uint32_t at = 0;

	for (uint32_t child; (child = 2 * at + 1) < queue->count; at = child) {
		if (child + 1 < queue->count && before(&queue->heap[child + 1], &queue->heap[child]))
			child++;
		if (!before(&queue->heap[child], &last))
			break;
		queue->heap[at] = queue->heap[child];
	}
	queue->heap[at] = last;
	return queue->buffers + queued->buffer * queue->packet_size;
}

int64_t queue_due(const struct queue *queue)
{
	return queue->count ? queue->heap[0].due : QUEUE_NEVER;
}

size_t queue_count(const struct queue *queue)
{
	return queue->count;
}
