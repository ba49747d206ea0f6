/* A virtio device as its driver sees it, whatever bus it is on (virtio 1.4, chapters 2 to 4). */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "viommuspec.h"

#define VIRTIO_ID_ENTROPY 4
#define VIRTIO_ID_IOMMU 23

#define VIRTIO_F_EVENT_IDX 29
#define VIRTIO_F_VERSION_1 32
#define VIRTIO_F_ACCESS_PLATFORM 33
#define VIRTIO_F_ORDER_PLATFORM 36
#define VIRTIO_F_NOTIF_CONFIG_DATA 39

/* What every driver here can do with its queues and addresses. */
#define VIRTIO_F_COMMON                                                                                \
	(UINT64_C(1) << VIRTIO_F_EVENT_IDX | UINT64_C(1) << VIRTIO_F_ACCESS_PLATFORM |                 \
	 UINT64_C(1) << VIRTIO_F_ORDER_PLATFORM | UINT64_C(1) << VIRTIO_F_NOTIF_CONFIG_DATA)

struct virtio;

/* Where the three parts of a queue are, as the device reaches them. */
struct queue_addresses {
	uint64_t descriptors;
	uint64_t driver;
	uint64_t device;
};

/* What the buses do in ways of their own. */
struct virtio_bus {
	uint8_t (*get_status)(struct virtio *virtio);
	void (*set_status)(struct virtio *virtio, uint8_t status);
	/* After a reset: asks for interrupts, and says in `virtio` what came of it. */
	void (*claim_interrupts)(struct virtio *virtio);
	uint32_t (*offered)(struct virtio *virtio, unsigned half);
	void (*accept)(struct virtio *virtio, unsigned half, uint32_t bits);
	uint32_t (*generation)(struct virtio *virtio);
	/* The most entries that the queue may have; 0: it does not exist, or is in use. */
	unsigned (*queue_most)(struct virtio *virtio, unsigned queue);
	/* Tells the device of the queue, and lets it begin. False if its interrupt cannot be had. */
	bool (*enable_queue)(struct virtio *virtio, unsigned queue, unsigned size, const struct queue_addresses *addresses);
	void (*stop_queue)(struct virtio *virtio, unsigned queue);
	void (*notify)(struct virtio *virtio, unsigned queue);
	/* Looks at the interrupts that have come, and notes a change of the configuration. */
	void (*take_interrupts)(struct virtio *virtio);
};

/* A structure of registers in a BAR (4.1.4); `found` is false until its first capability has been met. */
struct pci_structure {
	bool found;
	uint8_t bar;
	uint32_t offset;
	uint32_t length;
};

#define QUEUES_MAX 2

struct virtio {
	struct vs_machine *machine;
	struct vs_device *device;
	const struct virtio_bus *bus;
	/* Region and offset of the device configuration, and its bytes. */
	unsigned config_region;
	uint64_t config_offset;
	uint64_t config_length;
	/* PCI only. */
	struct pci_structure common, notify;
	uint32_t notify_multiplier;
	uint16_t notify_offsets[QUEUES_MAX];
	uint16_t notify_values[QUEUES_MAX];
	uint8_t msix_capability;
	unsigned vector_count;

	/* Alignment of memory that the device is given; 0: pages. */
	size_t dma_alignment;

	uint64_t features;
	/* Interrupts tell of used buffers, and of changes of the configuration; otherwise the driver has to look. */
	bool queues_interrupt;
	bool config_interrupts;
	/* The configuration may have changed since it was last read. */
	bool config_changed;
	/* The device asked for a reset, or left something unanswered. Nothing can be relied on until the next start. */
	bool broken;
};

/* Finds the registers of a device of this type. NULL, or why it cannot be used; then nothing was written to it. */
const char *virtio_find(struct virtio *virtio, struct vs_machine *machine, struct vs_device *device, unsigned type);
const char *virtio_find_pci(struct virtio *virtio, unsigned type);
const char *virtio_find_mmio(struct virtio *virtio, unsigned type);

/*
 * Resets the device and negotiates features, up to FEATURES_OK (3.1.1). Of what is offered the driver takes `wanted`;
 * without all of `needed` it gives up. NULL, or why the device was given up.
 */
const char *virtio_negotiate(struct virtio *virtio, uint64_t needed, uint64_t wanted);
void virtio_go_live(struct virtio *virtio);
/* Gives the device up: sets FAILED. Gives `reason` back. */
const char *virtio_give_up(struct virtio *virtio, const char *reason);
/* Resets the device and waits for it. */
bool virtio_reset(struct virtio *virtio);
/* Lets a PCI function do DMA, or forbids it; nothing for other devices. */
void pci_set_bus_master(struct vs_device *device, bool allowed);

/* Handles what interrupts have announced; sets `broken` if the device asks for a reset. */
void virtio_attend(struct virtio *virtio);

static inline bool virtio_has(const struct virtio *virtio, unsigned feature)
{
	return (virtio->features >> feature & 1) != 0;
}

/* Fields of the device configuration, by their width. */
uint32_t virtio_config_32(struct virtio *virtio, unsigned offset);
uint64_t virtio_config_64(struct virtio *virtio, unsigned offset);
void virtio_set_config_8(struct virtio *virtio, unsigned offset, uint8_t value);

/* Lets a moment pass for devices that do not interrupt. */
void pause_ms(unsigned milliseconds);
uint64_t now_ms(void);

#endif
