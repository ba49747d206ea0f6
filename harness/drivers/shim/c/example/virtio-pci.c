/* Virtio over PCI (4.1): structures found by capabilities, MSI-X vectors. */
#include "virtio.h"

/* Configuration space of PCI. */
#define VENDOR_ID 0x00
#define DEVICE_ID 0x02
#define COMMAND 0x04
#define STATUS 0x06
#define CAPABILITIES_POINTER 0x34
#define COMMAND_MEMORY 0x2
#define COMMAND_BUS_MASTER 0x4
#define STATUS_HAS_CAPABILITIES 0x10
#define CAPABILITY_VENDOR 0x09
#define CAPABILITY_MSIX 0x11
#define CAPABILITIES_MAX 48
#define BARS 6
#define MSIX_CONTROL 2
#define MSIX_SIZE_MASK 0x7ff
#define MSIX_ENABLE 0x8000

#define VIRTIO_VENDOR 0x1af4
#define VIRTIO_DEVICE_BASE 0x1040

/* struct virtio_pci_cap (4.1.4) */
#define CAP_CFG_TYPE 3
#define CAP_BAR 4
#define CAP_OFFSET 8
#define CAP_LENGTH 12
#define CAP_NOTIFY_MULTIPLIER 16
#define CFG_COMMON 1
#define CFG_NOTIFY 2
#define CFG_DEVICE 4

/* struct virtio_pci_common_cfg (4.1.4.3), as far as it is used */
#define DEVICE_FEATURE_SELECT 0
#define DEVICE_FEATURE 4
#define DRIVER_FEATURE_SELECT 8
#define DRIVER_FEATURE 12
#define CONFIG_MSIX_VECTOR 16
#define DEVICE_STATUS 20
#define CONFIG_GENERATION 21
#define QUEUE_SELECT 22
#define QUEUE_SIZE 24
#define QUEUE_MSIX_VECTOR 26
#define QUEUE_ENABLE 28
#define QUEUE_NOTIFY_OFF 30
#define QUEUE_DESC 32
#define QUEUE_DRIVER 40
#define QUEUE_DEVICE 48
#define QUEUE_NOTIF_CONFIG_DATA 56
#define COMMON_LENGTH 56

#define NO_VECTOR 0xffff
#define CONFIG_VECTOR 0

static uint32_t config_space(const struct virtio *virtio, unsigned offset, unsigned width)
{
	return (uint32_t)vs_read(virtio->device, VS_CONFIG_SPACE, offset, width);
}

static uint32_t common(const struct virtio *virtio, unsigned field, unsigned width)
{
	return (uint32_t)vs_read(virtio->device, virtio->common.bar, virtio->common.offset + field, width);
}

static void set_common(const struct virtio *virtio, unsigned field, unsigned width, uint32_t value)
{
	vs_write(virtio->device, virtio->common.bar, virtio->common.offset + field, width, value);
}

void pci_set_bus_master(struct vs_device *device, bool allowed)
{
	if (device->bus != VS_PCI)
		return;
	uint64_t command = vs_read(device, VS_CONFIG_SPACE, COMMAND, 2);
	command = allowed ? command | COMMAND_MEMORY | COMMAND_BUS_MASTER : command & ~(uint64_t)COMMAND_BUS_MASTER;
	vs_write(device, VS_CONFIG_SPACE, COMMAND, 2, command);
}

/* Takes a capability in, unless there was one of its type before, or its BAR is a reserved value. */
static void take_capability(struct virtio *virtio, unsigned at, struct pci_structure *config)
{
	uint32_t type = config_space(virtio, at + CAP_CFG_TYPE, 1);
	struct pci_structure *structure = type == CFG_COMMON ? &virtio->common
					: type == CFG_NOTIFY ? &virtio->notify
					: type == CFG_DEVICE ? config
							     : NULL;

	if (structure == NULL || structure->found)
		return;
	uint32_t bar = config_space(virtio, at + CAP_BAR, 1);
	if (bar >= BARS)
		return;
	if (type == CFG_NOTIFY)
		virtio->notify_multiplier = config_space(virtio, at + CAP_NOTIFY_MULTIPLIER, 4);
	*structure = (struct pci_structure){
		.found = true,
		.bar = (uint8_t)bar,
		.offset = config_space(virtio, at + CAP_OFFSET, 4),
		.length = config_space(virtio, at + CAP_LENGTH, 4),
	};
}

static void walk_capabilities(struct virtio *virtio, struct pci_structure *config)
{
	if ((config_space(virtio, STATUS, 2) & STATUS_HAS_CAPABILITIES) == 0)
		return;
	unsigned at = config_space(virtio, CAPABILITIES_POINTER, 1) & 0xfc;
	for (unsigned met = 0; at != 0 && met < CAPABILITIES_MAX; met++) {
		uint32_t id = config_space(virtio, at, 1);
		if (id == CAPABILITY_VENDOR)
			take_capability(virtio, at, config);
		else if (id == CAPABILITY_MSIX && virtio->msix_capability == 0)
			virtio->msix_capability = (uint8_t)at;
		at = config_space(virtio, at + 1, 1) & 0xfc;
	}
}

static unsigned least(unsigned one, unsigned other)
{
	return one < other ? one : other;
}

/* Vectors that both the table has and the carrier gives. The carrier (this library) keeps the table itself. */
static void enable_msix(struct virtio *virtio)
{
	if (virtio->msix_capability == 0)
		return;
	unsigned at = virtio->msix_capability + MSIX_CONTROL;
	uint32_t control = config_space(virtio, at, 2);
	virtio->vector_count = least((control & MSIX_SIZE_MASK) + 1, vs_interrupt_count(virtio->device));
	vs_write(virtio->device, VS_CONFIG_SPACE, at, 2, control | MSIX_ENABLE);
}

static uint8_t get_status(struct virtio *virtio)
{
	return (uint8_t)common(virtio, DEVICE_STATUS, 1);
}

static void set_status(struct virtio *virtio, uint8_t status)
{
	set_common(virtio, DEVICE_STATUS, 1, status);
}

static void claim_interrupts(struct virtio *virtio)
{
	virtio->queues_interrupt = virtio->vector_count > 0;
	virtio->config_interrupts = false;
	if (virtio->vector_count == 0)
		return;
	set_common(virtio, CONFIG_MSIX_VECTOR, 2, CONFIG_VECTOR);
	virtio->config_interrupts = common(virtio, CONFIG_MSIX_VECTOR, 2) != NO_VECTOR;
}

static uint32_t offered(struct virtio *virtio, unsigned half)
{
	set_common(virtio, DEVICE_FEATURE_SELECT, 4, half);
	return common(virtio, DEVICE_FEATURE, 4);
}

static void accept(struct virtio *virtio, unsigned half, uint32_t bits)
{
	set_common(virtio, DRIVER_FEATURE_SELECT, 4, half);
	set_common(virtio, DRIVER_FEATURE, 4, bits);
}

static uint32_t generation(struct virtio *virtio)
{
	return common(virtio, CONFIG_GENERATION, 1);
}

static unsigned queue_most(struct virtio *virtio, unsigned queue)
{
	set_common(virtio, QUEUE_SELECT, 2, queue);
	return common(virtio, QUEUE_SIZE, 2);
}

static void set_address(struct virtio *virtio, unsigned field, uint64_t address)
{
	set_common(virtio, field, 4, (uint32_t)address);
	set_common(virtio, field + 4, 4, (uint32_t)(address >> 32));
}

/* Queue n has vector n + 1 where the table is that long; the last vector serves the rest. */
static bool enable_queue(struct virtio *virtio, unsigned queue, unsigned size, const struct queue_addresses *addresses)
{
	bool interrupts = false;

	set_common(virtio, QUEUE_SELECT, 2, queue);
	set_common(virtio, QUEUE_SIZE, 2, size);
	set_address(virtio, QUEUE_DESC, addresses->descriptors);
	set_address(virtio, QUEUE_DRIVER, addresses->driver);
	set_address(virtio, QUEUE_DEVICE, addresses->device);
	if (virtio->vector_count > 0) {
		set_common(virtio, QUEUE_MSIX_VECTOR, 2, least(queue + 1, virtio->vector_count - 1));
		interrupts = common(virtio, QUEUE_MSIX_VECTOR, 2) != NO_VECTOR;
	}
	virtio->notify_offsets[queue] = (uint16_t)common(virtio, QUEUE_NOTIFY_OFF, 2);
	virtio->notify_values[queue] = (uint16_t)queue;
	if (virtio_has(virtio, VIRTIO_F_NOTIF_CONFIG_DATA))
		virtio->notify_values[queue] = (uint16_t)common(virtio, QUEUE_NOTIF_CONFIG_DATA, 2);
	set_common(virtio, QUEUE_ENABLE, 2, 1);
	return interrupts;
}

/* A reset of the device stops its queues. */
static void stop_queue(struct virtio *virtio, unsigned queue)
{
}

static void notify(struct virtio *virtio, unsigned queue)
{
	uint64_t offset = (uint64_t)virtio->notify_offsets[queue] * virtio->notify_multiplier;

	vs_write(virtio->device, virtio->notify.bar, virtio->notify.offset + offset, 2, virtio->notify_values[queue]);
}

static void take_interrupts(struct virtio *virtio)
{
	for (unsigned vector = 0; vector < virtio->vector_count; vector++)
		if (vs_interrupt_take(virtio->device, vector) > 0 && vector == CONFIG_VECTOR)
			virtio->config_changed = true;
}

static const struct virtio_bus pci = {
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

const char *virtio_find_pci(struct virtio *virtio, unsigned type)
{
	struct pci_structure config = { .found = false };

	if (config_space(virtio, VENDOR_ID, 2) != VIRTIO_VENDOR ||
	    config_space(virtio, DEVICE_ID, 2) != VIRTIO_DEVICE_BASE + type)
		return "the PCI function is no virtio device of that type";
	walk_capabilities(virtio, &config);
	if (!virtio->common.found || virtio->common.length < COMMON_LENGTH || !virtio->notify.found)
		return "the PCI function has no virtio capabilities";
	virtio->bus = &pci;
	virtio->config_region = config.bar;
	virtio->config_offset = config.offset;
	virtio->config_length = config.found ? config.length : 0;
	pci_set_bus_master(virtio->device, true);
	enable_msix(virtio);
	return NULL;
}
