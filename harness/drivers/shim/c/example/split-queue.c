#include "split-queue.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DESCRIPTOR_NEXT 1
#define DESCRIPTOR_WRITE 2
#define USED_NO_NOTIFY 1

/* Far longer than any device that is well takes. */
#define PATIENCE_MS 2000

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

struct available_ring {
	uint16_t flags;
	_Atomic uint16_t index;
	uint16_t entries[];
};

struct used_ring {
	_Atomic uint16_t flags;
	_Atomic uint16_t index;
	struct { uint32_t id, length; } entries[];
};

/* Offsets in the ring's memory (2.7.2). The field behind each ring's entries is that of EVENT_IDX. */
static size_t available_offset(const struct queue *queue)
{
	return sizeof(struct descriptor) * queue->size;
}

static size_t used_offset(const struct queue *queue)
{
	return (available_offset(queue) + 4 + 2u * queue->size + 2 + 3) & ~(size_t)3;
}

static struct descriptor *descriptors(const struct queue *queue)
{
	return queue->memory.cpu;
}

static struct available_ring *available(const struct queue *queue)
{
	return (void *)((char *)queue->memory.cpu + available_offset(queue));
}

static struct used_ring *used(const struct queue *queue)
{
	return (void *)((char *)queue->memory.cpu + used_offset(queue));
}

static _Atomic uint16_t *used_event(const struct queue *queue)
{
	return (void *)&available(queue)->entries[queue->size];
}

static _Atomic uint16_t *avail_event(const struct queue *queue)
{
	return (void *)&used(queue)->entries[queue->size];
}

const char *queue_allocate(struct queue *queue, struct virtio *virtio, unsigned index, unsigned most)
{
	unsigned offered = virtio->bus->queue_most(virtio, index);
	unsigned limit = offered < most ? offered : most;
	uint16_t size = 1;

	while (size * 2u <= limit)
		size = (uint16_t)(size * 2);
	*queue = (struct queue){ .virtio = virtio, .index = index, .size = size, .free_count = size };
	if (limit < 2)
		return "the device has no queue of that number that holds a request";
	queue->next = calloc(size, sizeof *queue->next);
	queue->in_flight = calloc(size, sizeof *queue->in_flight);
	queue->tokens = calloc(size, sizeof(void *));
	size_t bytes = used_offset(queue) + 4 + 8u * size + 2;
	if (queue->next == NULL || queue->in_flight == NULL || queue->tokens == NULL ||
	    !vs_allocate(virtio->machine, bytes, virtio->dma_alignment, &queue->memory)) {
		queue_free(queue);
		return "there is no memory for a queue";
	}
	for (uint16_t entry = 0; entry < size; entry++)
		queue->next[entry] = (uint16_t)(entry + 1);
	return NULL;
}

void queue_enable(struct queue *queue, uint64_t bus)
{
	const struct queue_addresses addresses = {
		.descriptors = bus,
		.driver = bus + available_offset(queue),
		.device = bus + used_offset(queue),
	};
	struct virtio *virtio = queue->virtio;

	if (!virtio->bus->enable_queue(virtio, queue->index, queue->size, &addresses))
		virtio->queues_interrupt = false;
}

void queue_stop(struct queue *queue)
{
	if (queue->memory.cpu != NULL)
		queue->virtio->bus->stop_queue(queue->virtio, queue->index);
}

void queue_free(struct queue *queue)
{
	if (queue->memory.cpu != NULL)
		vs_release(queue->virtio->machine, &queue->memory);
	free(queue->next);
	free(queue->in_flight);
	free(queue->tokens);
	*queue = (struct queue){ .virtio = queue->virtio };
}

bool queue_has_room(const struct queue *queue, unsigned count)
{
	return queue->free_count >= count;
}

void queue_add(struct queue *queue, const struct piece *pieces, unsigned count, void *token)
{
	struct available_ring *ring = available(queue);
	uint16_t head = queue->free_head;
	uint16_t entry = head;

	for (unsigned piece = 0; piece < count; piece++) {
		bool last = piece + 1 == count;
		entry = queue->free_head;
		queue->free_head = queue->next[entry];
		descriptors(queue)[entry] = (struct descriptor){
			.address = htole64(pieces[piece].bus),
			.length = htole32(pieces[piece].length),
			.flags = htole16((uint16_t)((last ? 0 : DESCRIPTOR_NEXT) | (pieces[piece].writable ? DESCRIPTOR_WRITE : 0))),
			.next = htole16(last ? 0 : queue->free_head),
		};
	}
	/* The chain stays linked by `next`, for the day it comes back. */
	queue->next[entry] = queue->size;
	queue->free_count = (uint16_t)(queue->free_count - count);
	queue->in_flight[head] = true;
	queue->tokens[head] = token;
	ring->entries[queue->made_available++ % queue->size] = htole16(head);
	/* The entry is there before the index says so. */
	atomic_store_explicit(&ring->index, htole16(queue->made_available), memory_order_release);
}

static bool wants_notification(struct queue *queue)
{
	uint16_t before = queue->notified_until;

	queue->notified_until = queue->made_available;
	/* The index is there before the device's wish is read. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!virtio_has(queue->virtio, VIRTIO_F_EVENT_IDX))
		return (le16toh(atomic_load(&used(queue)->flags)) & USED_NO_NOTIFY) == 0;
	uint16_t event = le16toh(atomic_load(avail_event(queue)));
	return (uint16_t)(queue->made_available - event - 1) < (uint16_t)(queue->made_available - before);
}

void queue_kick(struct queue *queue)
{
	if (wants_notification(queue))
		queue->virtio->bus->notify(queue->virtio, queue->index);
}

static bool has_used(const struct queue *queue)
{
	return le16toh(atomic_load_explicit(&used(queue)->index, memory_order_acquire)) != queue->taken;
}

static void free_chain(struct queue *queue, uint16_t head)
{
	uint16_t last = head;

	queue->free_count++;
	for (; queue->next[last] != queue->size; last = queue->next[last])
		queue->free_count++;
	queue->next[last] = queue->free_head;
	queue->free_head = head;
}

bool queue_take(struct queue *queue, void **token, uint32_t *written)
{
	while (has_used(queue)) {
		uint16_t place = queue->taken++ % queue->size;
		uint32_t head = le32toh(used(queue)->entries[place].id);

		*written = le32toh(used(queue)->entries[place].length);
		/* The device interrupts for the next one. */
		if (virtio_has(queue->virtio, VIRTIO_F_EVENT_IDX))
			atomic_store(used_event(queue), htole16(queue->taken));
		if (head >= queue->size || !queue->in_flight[head]) {
			fprintf(stderr, "queue %u: the device returns %u, which it does not have\n", queue->index, head);
			continue;
		}
		queue->in_flight[head] = false;
		*token = queue->tokens[head];
		free_chain(queue, (uint16_t)head);
		return true;
	}
	return false;
}

bool queue_wait(struct queue *queue)
{
	struct virtio *virtio = queue->virtio;
	uint64_t deadline = now_ms() + PATIENCE_MS;

	for (;;) {
		virtio->bus->take_interrupts(virtio);
		if (has_used(queue))
			return true;
		if (virtio->broken || now_ms() > deadline)
			return false;
		if (virtio->queues_interrupt)
			vs_interrupt_wait(virtio->device, virtio->vector_count, PATIENCE_MS);
		else
			pause_ms(1);
	}
}
