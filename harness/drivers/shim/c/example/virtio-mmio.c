/* Virtio over MMIO (4.2), version 2: one window of 32-bit registers, one interrupt. */
#include "virtio.h"

enum {
	MAGIC_VALUE = 0x000,
	VERSION = 0x004,
	DEVICE_ID = 0x008,
	DEVICE_FEATURES = 0x010,
	DEVICE_FEATURES_SEL = 0x014,
	DRIVER_FEATURES = 0x020,
	DRIVER_FEATURES_SEL = 0x024,
	QUEUE_SEL = 0x030,
	QUEUE_SIZE_MAX = 0x034,
	QUEUE_SIZE = 0x038,
	QUEUE_READY = 0x044,
	QUEUE_NOTIFY = 0x050,
	INTERRUPT_STATUS = 0x060,
	INTERRUPT_ACK = 0x064,
	STATUS = 0x070,
	QUEUE_DESC_LOW = 0x080,
	QUEUE_DRIVER_LOW = 0x090,
	QUEUE_DEVICE_LOW = 0x0a0,
	CONFIG_GENERATION = 0x0fc,
	CONFIG = 0x100,
};

#define MAGIC 0x74726976
#define LINE 0
#define USED_BUFFER 1u
#define CONFIG_CHANGE 2u

static uint32_t get(const struct virtio *virtio, unsigned offset)
{
	return (uint32_t)vs_read(virtio->device, 0, offset, 4);
}

static void set(const struct virtio *virtio, unsigned offset, uint32_t value)
{
	vs_write(virtio->device, 0, offset, 4, value);
}

static uint8_t get_status(struct virtio *virtio)
{
	return (uint8_t)get(virtio, STATUS);
}

static void set_status(struct virtio *virtio, uint8_t status)
{
	set(virtio, STATUS, status);
}

static void claim_interrupts(struct virtio *virtio)
{
	virtio->vector_count = vs_interrupt_count(virtio->device);
	virtio->queues_interrupt = virtio->vector_count > 0;
	virtio->config_interrupts = virtio->vector_count > 0;
}

static uint32_t offered(struct virtio *virtio, unsigned half)
{
	set(virtio, DEVICE_FEATURES_SEL, half);
	return get(virtio, DEVICE_FEATURES);
}

static void accept(struct virtio *virtio, unsigned half, uint32_t bits)
{
	set(virtio, DRIVER_FEATURES_SEL, half);
	set(virtio, DRIVER_FEATURES, bits);
}

static uint32_t generation(struct virtio *virtio)
{
	return get(virtio, CONFIG_GENERATION);
}

static unsigned queue_most(struct virtio *virtio, unsigned queue)
{
	set(virtio, QUEUE_SEL, queue);
	return get(virtio, QUEUE_READY) == 0 ? get(virtio, QUEUE_SIZE_MAX) : 0;
}

static void set_address(struct virtio *virtio, unsigned low, uint64_t address)
{
	set(virtio, low, (uint32_t)address);
	set(virtio, low + 4, (uint32_t)(address >> 32));
}

static bool enable_queue(struct virtio *virtio, unsigned queue, unsigned size, const struct queue_addresses *addresses)
{
	set(virtio, QUEUE_SEL, queue);
	set(virtio, QUEUE_SIZE, size);
	set_address(virtio, QUEUE_DESC_LOW, addresses->descriptors);
	set_address(virtio, QUEUE_DRIVER_LOW, addresses->driver);
	set_address(virtio, QUEUE_DEVICE_LOW, addresses->device);
	set(virtio, QUEUE_READY, 1);
	return true;
}

/* The device may take its time; the queue is its own until it says so. */
static void stop_queue(struct virtio *virtio, unsigned queue)
{
	set(virtio, QUEUE_SEL, queue);
	set(virtio, QUEUE_READY, 0);
	for (unsigned look = 0; look < 100 && get(virtio, QUEUE_READY) != 0; look++)
		pause_ms(1);
}

static void notify(struct virtio *virtio, unsigned queue)
{
	set(virtio, QUEUE_NOTIFY, queue);
}

/* Acknowledged before the rings are looked at, so that what comes meanwhile interrupts again. */
static void take_interrupts(struct virtio *virtio)
{
	if (vs_interrupt_take(virtio->device, LINE) == 0)
		return;
	uint32_t status = get(virtio, INTERRUPT_STATUS) & (USED_BUFFER | CONFIG_CHANGE);
	if ((status & CONFIG_CHANGE) != 0)
		virtio->config_changed = true;
	if (status != 0)
		set(virtio, INTERRUPT_ACK, status);
}

static const struct virtio_bus mmio = {
	.get_status = get_status,
	.set_status = set_status,
	.claim_interrupts = claim_interrupts,
	.offered = offered,
	.accept = accept,
	.generation = generation,
	.queue_most = queue_most,
	.enable_queue = enable_queue,
	.stop_queue = stop_queue,
	.notify = notify,
	.take_interrupts = take_interrupts,
};

const char *virtio_find_mmio(struct virtio *virtio, unsigned type)
{
	if (get(virtio, MAGIC_VALUE) != MAGIC || get(virtio, VERSION) != 2)
		return "the window holds no virtio device of version 2";
	if (get(virtio, DEVICE_ID) != type)
		return "the window holds no virtio device of that type";
	virtio->bus = &mmio;
	virtio->config_offset = CONFIG;
	virtio->config_length = virtio->device->length - CONFIG;
	return NULL;
}
