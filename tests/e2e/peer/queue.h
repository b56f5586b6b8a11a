/* SPDX-License-Identifier: MIT */
/* Packets that wait for their time, in buffers allocated once; of those due at the same time the older first. */
#ifndef PEER_QUEUE_H
#define PEER_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#define QUEUE_NEVER INT64_MAX

struct queue;

struct queued {
	int64_t due;
	uint64_t order;
	uint32_t buffer;
	uint32_t length;
	uint16_t tag;  /* the caller's */
	uint16_t kind; /* likewise */
};

/* NULL: no memory. The caller frees it. */
struct queue *queue_new(size_t packet_size);
void queue_free(struct queue *queue);

/* Copies the packet. -1: full. */
int queue_push(struct queue *queue, int64_t due, uint16_t tag, uint16_t kind, const uint8_t *bytes, size_t length);

/* Takes the first packet that is due; `bytes` lives until the next push. NULL: none is due. */
const uint8_t *queue_pop(struct queue *queue, int64_t now, struct queued *queued);

int64_t queue_due(const struct queue *queue);
size_t queue_count(const struct queue *queue);

#endif
