/* The event queue: fault records (5.13.6.9). */
#include "iommu.h"
#include "faults.h"

#include <stdio.h>
#include <string.h>

#define EVENT_QUEUE 1
#define EVENT_QUEUE_MOST 64
#define RECORD_SIZE 24
/* Buffers are as far apart as is easy to read. */
#define STRIDE 32

#define FLAG_ADDRESS 0x100

static uint8_t *buffer(const struct iommu *iommu, size_t index)
{
	return (uint8_t *)iommu->event_memory.cpu + index * STRIDE;
}

static void give(struct iommu *iommu, uint8_t *record)
{
	const struct piece piece = {
		.bus = iommu->event_memory.physical + (uint64_t)(record - buffer(iommu, 0)),
		.length = RECORD_SIZE,
		.writable = true,
	};

	memset(record, 0, RECORD_SIZE);
	queue_add(&iommu->events, &piece, 1, record);
}

const char *events_open(struct iommu *iommu)
{
	const char *problem = queue_allocate(&iommu->events, &iommu->virtio, EVENT_QUEUE, EVENT_QUEUE_MOST);

	if (problem != NULL)
		return problem;
	if (!vs_allocate(iommu->virtio.machine, (size_t)iommu->events.size * STRIDE, 0, &iommu->event_memory))
		return "there is no memory for events";
	queue_enable(&iommu->events, iommu->events.memory.physical);
	size_t most = has_habit(HABIT_ONE_EVENT_BUFFER) ? 1 : iommu->events.size;
	for (size_t index = 0; index < most && queue_has_room(&iommu->events, 1); index++)
		give(iommu, buffer(iommu, index));
	return NULL;
}

static uint64_t number(const uint8_t *bytes, unsigned width)
{
	uint64_t value = 0;

	for (unsigned byte = 0; byte < width; byte++)
		value |= (uint64_t)bytes[byte] << (8 * byte);
	return value;
}

/* Bytes 1 to 3 make a record one of a later version; all else that is unknown is passed over. */
static void take_record(struct iommu *iommu, const uint8_t *record)
{
	static const char *const reasons[] = { "unknown", "domain", "mapping" };
	struct fault fault = {
		.reason = record[0] < sizeof reasons / sizeof reasons[0] ? reasons[record[0]] : reasons[0],
		.endpoint = (uint32_t)number(record + 8, 4),
		.address = number(record + 16, 8),
		.has_address = (number(record + 4, 4) & FLAG_ADDRESS) != 0,
	};

	if (number(record + 1, 3) != 0)
		return;
	fprintf(stderr, "fault: %s, endpoint 0x%x, address 0x%llx\n", fault.reason, fault.endpoint,
		(unsigned long long)fault.address);
	if (iommu->fault_count < FAULTS_MAX)
		iommu->faults[iommu->fault_count++] = fault;
}

void events_collect(struct iommu *iommu)
{
	void *record;
	uint32_t written;
	bool any = false;
	size_t before = iommu->fault_count;

	while (queue_take(&iommu->events, &record, &written)) {
		if (has_habit(HABIT_NEWEST_FAULT))
			iommu->fault_count = before;
		if (written >= RECORD_SIZE)
			take_record(iommu, record);
		give(iommu, record);
		any = true;
	}
	if (any)
		queue_kick(&iommu->events);
}
