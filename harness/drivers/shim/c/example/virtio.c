/* What all virtio devices have in common: status, features, configuration. */
#include "virtio.h"

#include <time.h>

#define ACKNOWLEDGE 0x01
#define DRIVER 0x02
#define DRIVER_OK 0x04
#define FEATURES_OK 0x08
#define DEVICE_NEEDS_RESET 0x40
#define FAILED 0x80

/* Looks at a register that the device changes in its own time. */
#define LOOKS_MAX 1000

void pause_ms(unsigned milliseconds)
{
	const struct timespec time = { .tv_nsec = (long)milliseconds * 1000000 };

	nanosleep(&time, NULL);
}

uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

const char *virtio_find(struct virtio *virtio, struct vs_machine *machine, struct vs_device *device, unsigned type)
{
	*virtio = (struct virtio){ .machine = machine, .device = device };
	return device->bus == VS_PCI ? virtio_find_pci(virtio, type) : virtio_find_mmio(virtio, type);
}

static void add_status(struct virtio *virtio, uint8_t bits)
{
	virtio->bus->set_status(virtio, virtio->bus->get_status(virtio) | bits);
}

bool virtio_reset(struct virtio *virtio)
{
	virtio->bus->set_status(virtio, 0);
	for (unsigned look = 0; look < LOOKS_MAX; look++) {
		if (virtio->bus->get_status(virtio) == 0)
			return true;
		pause_ms(1);
	}
	return false;
}

const char *virtio_give_up(struct virtio *virtio, const char *reason)
{
	add_status(virtio, FAILED);
	return reason;
}

const char *virtio_negotiate(struct virtio *virtio, uint64_t needed, uint64_t wanted)
{
	const struct virtio_bus *bus = virtio->bus;

	virtio->broken = false;
	if (!virtio_reset(virtio))
		return "the device does not reset";
	add_status(virtio, ACKNOWLEDGE);
	add_status(virtio, DRIVER);
	uint64_t offered = bus->offered(virtio, 0);
	offered |= (uint64_t)bus->offered(virtio, 1) << 32;
	if ((offered & needed) != needed)
		return virtio_give_up(virtio, "the device does not offer a feature that the driver needs");
	virtio->features = offered & (needed | wanted);
	bus->accept(virtio, 0, (uint32_t)virtio->features);
	bus->accept(virtio, 1, (uint32_t)(virtio->features >> 32));
	add_status(virtio, FEATURES_OK);
	if ((bus->get_status(virtio) & FEATURES_OK) == 0)
		return virtio_give_up(virtio, "the device refuses the features");
	bus->claim_interrupts(virtio);
	return NULL;
}

void virtio_go_live(struct virtio *virtio)
{
	add_status(virtio, DRIVER_OK);
}

void virtio_attend(struct virtio *virtio)
{
	virtio->bus->take_interrupts(virtio);
	if (!virtio->config_interrupts)
		virtio->config_changed = true;
	/* A device that asks for a reset says so by a change of its configuration (2.1.2). */
	if (virtio->config_changed && (virtio->bus->get_status(virtio) & DEVICE_NEEDS_RESET) != 0)
		virtio->broken = true;
}

static uint64_t read_config(struct virtio *virtio, unsigned offset, unsigned width)
{
	if (offset + width > virtio->config_length)
		return 0;
	return vs_read(virtio->device, virtio->config_region, virtio->config_offset + offset, width);
}

uint32_t virtio_config_32(struct virtio *virtio, unsigned offset)
{
	return (uint32_t)read_config(virtio, offset, 4);
}

/* Two reads, which belong together only if the generation stays the same (2.5.1). */
uint64_t virtio_config_64(struct virtio *virtio, unsigned offset)
{
	uint64_t value = 0;

	for (unsigned look = 0; look < LOOKS_MAX; look++) {
		uint32_t before = virtio->bus->generation(virtio);
		value = read_config(virtio, offset, 4);
		value |= read_config(virtio, offset + 4, 4) << 32;
		if (virtio->bus->generation(virtio) == before)
			break;
	}
	return value;
}

void virtio_set_config_8(struct virtio *virtio, unsigned offset, uint8_t value)
{
	vs_write(virtio->device, virtio->config_region, virtio->config_offset + offset, 1, value);
}
