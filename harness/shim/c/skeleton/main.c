/*
 * The smallest driver that can be scored: it starts and stops a virtio-iommu on PCI, attaches endpoints, maps and unmaps.
 * One request at a time; no interrupts, no event queue, no PROBE, and nothing is refused that the device would refuse.
 * What that costs, the first run says. Copy it, and grow it.
 */
#include "viommuspec.h"

#include <stdio.h>
#include <string.h>

enum { STATUS = 20, QUEUE_SELECT = 22, QUEUE_SIZE = 24, QUEUE_ENABLE = 28, NOTIFY_OFF = 30, QUEUE_DESC = 32 };
enum { ATTACH = 1, MAP = 3, UNMAP = 4 };
enum { COMMON = 1, NOTIFY = 2 };
#define RING_SIZE 4
#define DOMAINS 8

static struct vs_machine *machine;
static struct vs_device *iommu;
/* The structures of registers, by their type. */
static struct { bool found; unsigned bar; uint64_t offset; } place[3];
static uint64_t notify_at;
/* Descriptors at 0, available ring at 64, used ring at 128, the request at 256, its answer at 512. */
static struct vs_memory ring;
static uint16_t sent;
static char names[DOMAINS][VS_NAME_SIZE];

static uint32_t config(unsigned at, unsigned width) { return (uint32_t)vs_read(iommu, VS_CONFIG_SPACE, at, width); }

static uint32_t get(unsigned at, unsigned width)
{
	return (uint32_t)vs_read(iommu, place[COMMON].bar, place[COMMON].offset + at, width);
}

static void set(unsigned at, unsigned width, uint64_t value)
{
	vs_write(iommu, place[COMMON].bar, place[COMMON].offset + at, width, value);
}

static void put(unsigned at, unsigned width, uint64_t value) { memcpy((char *)ring.cpu + at, &value, width); }

/* The first capability of each type counts. */
static bool find_registers(void)
{
	memset(place, 0, sizeof place);
	for (unsigned at = config(0x34, 1) & 0xfc; at != 0; at = config(at + 1, 1) & 0xfc) {
		unsigned type = config(at + 3, 1), bar = config(at + 4, 1);
		if (config(at, 1) != 9 || (type != COMMON && type != NOTIFY) || place[type].found || bar > 5)
			continue;
		place[type].found = true;
		place[type].bar = bar;
		place[type].offset = config(at + 8, 4);
		if (type == NOTIFY)
			notify_at = config(at + 16, 4);
	}
	return place[COMMON].found && place[NOTIFY].found;
}

static void reset(void)
{
	set(STATUS, 1, 0);
	while (get(STATUS, 1) != 0)
		continue;
}

static void set_up_queue(void)
{
	const uint64_t parts[] = { ring.physical, ring.physical + 64, ring.physical + 128 };

	set(QUEUE_SELECT, 2, 0);
	set(QUEUE_SIZE, 2, RING_SIZE);
	for (unsigned word = 0; word < 6; word++)
		set(QUEUE_DESC + 4 * word, 4, parts[word / 2] >> (32 * (word % 2)) & 0xffffffff);
	notify_at *= get(NOTIFY_OFF, 2);
	set(QUEUE_ENABLE, 2, 1);
	sent = 0;
}

static const char *start(void *context)
{
	(void)context;
	if (ring.cpu != NULL)
		return NULL;
	if (!find_registers() || !vs_allocate(machine, 4096, 0, &ring))
		return "the function has no virtio registers, or there is no memory";
	vs_write(iommu, VS_CONFIG_SPACE, 4, 2, 6);
	reset();
	set(STATUS, 1, 1);
	set(STATUS, 1, 3);
	for (unsigned half = 0; half < 2; half++) {
		uint32_t wanted = half == 0 ? 1u << 2 /* MAP_UNMAP */ : 1u /* VERSION_1 */;
		set(0, 4, half);
		set(8, 4, half);
		set(12, 4, get(4, 4) & wanted);
	}
	set(STATUS, 1, 11);
	set(0, 4, 0);
	if ((get(STATUS, 1) & 8) == 0 || (get(4, 4) & 1u << 2) == 0) {
		set(STATUS, 1, 0x8b);
		vs_release(machine, &ring);
		ring.cpu = NULL;
		return "the device refuses the features, or lacks MAP_UNMAP";
	}
	set_up_queue();
	set(STATUS, 1, 15);
	return NULL;
}

static const char *stop(void *context)
{
	(void)context;
	if (ring.cpu == NULL)
		return NULL;
	reset();
	vs_release(machine, &ring);
	ring.cpu = NULL;
	memset(names, 0, sizeof names);
	return NULL;
}

/* Sends the request of `size` bytes at 256, and waits for its answer: four bytes at 512, the status first. */
static const char *send(unsigned size)
{
	volatile uint16_t *used = (void *)((char *)ring.cpu + 128);

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
		vs_write(iommu, place[NOTIFY].bar, place[NOTIFY].offset + notify_at, 2, 0);
	for (unsigned look = 0; used[1] != sent; look++) {
		if (look == 200)
			return "the device does not answer";
		vs_interrupt_wait(iommu, 0, 10);
	}
	return ((uint8_t *)ring.cpu)[512] == 0 ? NULL : "the device refuses the request";
}

static void begin(unsigned type, uint64_t domain)
{
	memset((char *)ring.cpu + 256, 0, 64);
	put(256, 1, type);
	put(260, 4, domain);
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

/* Domains are numbered from 1 on. 0: there is no such name, and no room for it. */
static unsigned domain_number(const char *name, bool make)
{
	for (unsigned index = 0; index < DOMAINS; index++) {
		if (names[index][0] == '\0' && make)
			snprintf(names[index], VS_NAME_SIZE, "%s", name);
		if (strcmp(names[index], name) == 0)
			return index + 1;
	}
	return 0;
}

static const char *attach(void *context, struct vs_device *endpoint, const char *domain, bool bypass)
{
	int64_t id = endpoint_id(endpoint);
	unsigned number = domain_number(domain, true);

	(void)context;
	if (bypass)
		return vs_skip;
	if (ring.cpu == NULL || id < 0 || number == 0)
		return "the IOMMU is not up, or the endpoint not behind it, or there is no domain left";
	vs_write(endpoint, VS_CONFIG_SPACE, 4, 2, 6);
	begin(ATTACH, number);
	put(264, 4, (uint64_t)id);
	return send(20);
}

static const char *map(void *context, const char *domain, uint64_t iova, uint64_t length, unsigned access,
		       struct vs_buffer *buffer)
{
	unsigned number = domain_number(domain, false);

	(void)context;
	if (ring.cpu == NULL || number == 0 || (iova | length) % 4096 != 0)
		return "there is no such domain, or the range is not made of pages";
	begin(MAP, number);
	put(264, 8, iova);
	put(272, 8, iova + length - 1);
	put(280, 8, buffer->memory.physical);
	put(288, 4, access);
	return send(36);
}

static const char *unmap(void *context, const char *domain, uint64_t iova, uint64_t length)
{
	unsigned number = domain_number(domain, false);

	(void)context;
	if (ring.cpu == NULL || number == 0)
		return "there is no such domain";
	begin(UNMAP, number);
	put(264, 8, iova);
	put(272, 8, iova + length - 1);
	return send(28);
}

int main(void)
{
	const struct vs_driver verbs = { .start = start, .stop = stop, .attach = attach, .map = map, .unmap = unmap };

	machine = vs_machine_open((size_t)16 << 20);
	if (machine == NULL)
		return 1;
	iommu = &machine->devices[0];
	int exit_code = vs_serve(machine, &verbs, NULL);
	vs_machine_close(machine);
	return exit_code;
}
