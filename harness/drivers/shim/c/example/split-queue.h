/* The split virtqueue (2.7), with EVENT_IDX where it was accepted. */
#ifndef SPLIT_QUEUE_H
#define SPLIT_QUEUE_H

#include "virtio.h"

#include <stdatomic.h>

/* A piece of a buffer, as the device reaches it. */
struct piece {
	uint64_t bus;
	uint32_t length;
	bool writable;
};

struct queue {
	struct virtio *virtio;
	unsigned index;
	uint16_t size;
	struct vs_memory memory;
	/* Descriptors that the driver may use, linked by `next`. */
	uint16_t free_head;
	uint16_t free_count;
	uint16_t *next;
	/* By the head of a chain: whether the device has it, and what it is for. */
	bool *in_flight;
	void **tokens;
	/* What the device was told of, and what was taken back from it; both count on modulo 2^16. */
	uint16_t made_available;
	uint16_t notified_until;
	uint16_t taken;
};

/* Makes a ring of at most `most` entries. NULL, or why not. */
const char *queue_allocate(struct queue *queue, struct virtio *virtio, unsigned index, unsigned most);
/* Gives the ring to the device, which reaches it at `bus`. */
void queue_enable(struct queue *queue, uint64_t bus);
/* Before the device is reset. */
void queue_stop(struct queue *queue);
/* Gives the ring's memory back; the device must not have it any more. */
void queue_free(struct queue *queue);

/* Room for a chain of `count` pieces. */
bool queue_has_room(const struct queue *queue, unsigned count);
/* Puts a chain on the ring; `queue_has_room` was true. */
void queue_add(struct queue *queue, const struct piece *pieces, unsigned count, void *token);
/* Notifies the device of what was added, unless it does not want to know. */
void queue_kick(struct queue *queue);
/* Takes a chain back: its token, and how many bytes the device has written. False if there is none. */
bool queue_take(struct queue *queue, void **token, uint32_t *written);
/* Waits until there is a chain to take. False if the device is broken or has not answered for too long. */
bool queue_wait(struct queue *queue);

#endif
