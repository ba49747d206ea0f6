/*
 * The smallest driver that can be scored: it starts and stops a virtio-iommu on PCI, attaches endpoints, maps and unmaps.
 * One request at a time; no interrupts, no event queue, no PROBE, and nothing is refused that the device would refuse.
 * What that costs, the first run says. Copy it, and grow it.
 */
#include "viommuspec.h"

#include <string.h>

/* Registers of the common configuration, and the types of capabilities and requests. */
enum { OFFERED_HALF = 0, OFFERED = 4, ACCEPTED_HALF = 8, ACCEPTED = 12, STATUS = 20, QUEUE_SELECT = 22, QUEUE_SIZE = 24 };
enum { QUEUE_ENABLE = 28, NOTIFY_OFF = 30, QUEUE_DESC = 32, COMMON = 1, NOTIFY = 2, ATTACH = 1, MAP = 3, UNMAP = 4 };
enum { MAP_UNMAP = 1 << 2, VERSION_1 = 1 << 0, RING_SIZE = 4 };

/* ATTACH has an endpoint; MAP and UNMAP have a first and a last address; MAP has a physical address and flags. */
struct request {
	uint8_t type, reserved[3];
	uint32_t domain;
	uint64_t words[3];
	uint32_t flags;
};

static struct vs_machine *machine;
static struct vs_device *iommu;
static bool up;
/* The structures of registers, by their type. */
static struct place { bool found; unsigned bar; uint64_t offset; } place[NOTIFY + 1], *const common = &place[COMMON];
static uint64_t notify_multiplier, notify_at;
/* Descriptors at 0, available ring at 64, used ring at 128, the request at 256, its answer at 512. */
static struct vs_memory ring;
static uint16_t sent;

static uint32_t config(unsigned at, unsigned width) { return (uint32_t)vs_read(iommu, VS_CONFIG_SPACE, at, width); }
static uint32_t get(unsigned at, unsigned width) { return (uint32_t)vs_read(iommu, common->bar, common->offset + at, width); }
static void set(unsigned at, unsigned width, uint64_t it) { vs_write(iommu, common->bar, common->offset + at, width, it); }
static void put(unsigned at, unsigned width, uint64_t it) { memcpy((char *)ring.cpu + at, &it, width); }

/* The first capability of each type counts. */
static bool find_registers(void)
{
	memset(place, 0, sizeof place);
	for (unsigned at = config(0x34, 1) & 0xfc; at != 0; at = config(at + 1, 1) & 0xfc) {
		unsigned type = config(at + 3, 1), bar = config(at + 4, 1);
		if (config(at, 1) != 9 || type > NOTIFY || place[type].found || bar > 5)
			continue;
		place[type] = (struct place){ .found = true, .bar = bar, .offset = config(at + 8, 4) };
		if (type == NOTIFY)
			notify_multiplier = config(at + 16, 4);
	}
	return common->found && place[NOTIFY].found;
}

static void reset(void)
{
	set(STATUS, 1, 0);
	while (get(STATUS, 1) != 0)
		continue;
}

static void set_up_queue(void)
{
	memset(ring.cpu, 0, ring.size);
	sent = 0;
	set(QUEUE_SELECT, 2, 0);
	set(QUEUE_SIZE, 2, RING_SIZE);
	for (unsigned word = 0; word < 6; word++)
		set(QUEUE_DESC + 4 * word, 4, (ring.physical + 64 * (word / 2)) >> 32 * (word % 2) & 0xffffffff);
	notify_at = place[NOTIFY].offset + notify_multiplier * get(NOTIFY_OFF, 2);
	set(QUEUE_ENABLE, 2, 1);
}

static const char *start(void *context)
{
	const uint32_t wanted[] = { MAP_UNMAP, VERSION_1 };
	uint32_t accepted[2];

	if (!find_registers())
		return "the function has no virtio registers";
	vs_write(iommu, VS_CONFIG_SPACE, 4, 2, 6);
	reset();
	set(STATUS, 1, 1);
	set(STATUS, 1, 3);
	for (unsigned half = 0; half < 2; half++) {
		set(OFFERED_HALF, 4, half);
		accepted[half] = get(OFFERED, 4) & wanted[half];
		set(ACCEPTED_HALF, 4, half);
		set(ACCEPTED, 4, accepted[half]);
	}
	set(STATUS, 1, 11);
	up = (get(STATUS, 1) & 8) != 0 && accepted[0] == MAP_UNMAP;
	if (up)
		set_up_queue();
	set(STATUS, 1, up ? 15 : 0x8b);
	return up ? NULL : "the device refuses the features, or lacks MAP_UNMAP";
}

static const char *stop(void *context)
{
	if (up)
		reset();
	up = false;
	return NULL;
}

/* Sends the request of `size` bytes, and waits for its answer: four bytes at 512, the status first. */
static const char *send(const struct request *request, unsigned size)
{
	volatile uint16_t *used = (void *)((char *)ring.cpu + 128);

	if (!up)
		return "the IOMMU is not up";
	memcpy((char *)ring.cpu + 256, request, size);
	put(512, 4, 0xffffffff);
	put(0, 8, ring.physical + 256);
	put(8, 8, size | UINT64_C(1) << 32 | UINT64_C(1) << 48);
	put(16, 8, ring.physical + 512);
	put(24, 8, 4 | UINT64_C(2) << 32);
	put(68 + 2 * (sent % RING_SIZE), 2, 0);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	put(66, 2, ++sent);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if ((used[0] & 1) == 0)
		vs_write(iommu, place[NOTIFY].bar, notify_at, 2, 0);
	for (unsigned look = 0; used[1] != sent; look++) {
		if (look == 200)
			return "the device does not answer";
		vs_interrupt_wait(iommu, 0, 10);
	}
	return ((uint8_t *)ring.cpu)[512] == 0 ? NULL : "the device refuses the request";
}

/* The ID of a PCI function by the VIOT range that it lies in; -1: it is not behind the IOMMU. */
static int64_t endpoint_id(const struct vs_device *endpoint)
{
	const uint8_t *table = machine->topology;

	for (size_t at = table[38]; at + 24 <= machine->topology_size && table[at + 2] != 0; at += table[at + 2]) {
		int first = table[at + 12] | table[at + 13] << 8, last = table[at + 14] | table[at + 15] << 8;
		if (table[at] == 1 && endpoint->bdf >= first && endpoint->bdf <= last)
			return (table[at + 4] | table[at + 5] << 8 | table[at + 6] << 16) + endpoint->bdf - first;
	}
	return -1;
}

static const char *attach(void *context, struct vs_device *endpoint, const char *domain, bool bypass)
{
	int64_t id = endpoint_id(endpoint);
	const struct request request = { .type = ATTACH, .domain = vs_number(machine, domain), .words = { (uint64_t)id } };

	if (bypass || id < 0)
		return vs_skip;
	vs_write(endpoint, VS_CONFIG_SPACE, 4, 2, 6);
	return send(&request, 20);
}

static const char *map(void *context, const char *domain, uint64_t iova, uint64_t length, unsigned access,
		       struct vs_buffer *buffer)
{
	const struct request request = { .type = MAP, .domain = vs_number(machine, domain), .flags = access,
					 .words = { iova, iova + length - 1, buffer->memory.physical } };

	return (iova | length) % 4096 != 0 ? "the range is not made of pages" : send(&request, 36);
}

static const char *unmap(void *context, const char *domain, uint64_t iova, uint64_t length)
{
	const struct request request = { .type = UNMAP, .domain = vs_number(machine, domain),
					 .words = { iova, iova + length - 1 } };

	return send(&request, 28);
}

int main(void)
{
	const struct vs_driver verbs = { .start = start, .stop = stop, .attach = attach, .map = map, .unmap = unmap };

	machine = vs_machine_open((size_t)16 << 20);
	if (machine == NULL || !vs_allocate(machine, 4096, 0, &ring))
		return 1;
	iommu = machine->devices;
	return vs_serve(machine, &verbs, NULL);
}
