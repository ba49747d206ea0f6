/* The device as a whole: bringing it up and down, its configuration, what it reports of endpoints. */
#include "iommu.h"
#include "faults.h"
#include "requests.h"

#include <string.h>

#define F_INPUT_RANGE 0
#define F_DOMAIN_RANGE 1
#define F_MAP_UNMAP 2
#define F_PROBE 4
#define F_BYPASS_CONFIG 6

/* The device configuration (5.13.4). */
enum {
	PAGE_SIZE_MASK = 0,
	INPUT_RANGE_START = 8,
	INPUT_RANGE_END = 16,
	DOMAIN_RANGE_START = 24,
	DOMAIN_RANGE_END = 28,
	PROBE_SIZE = 32,
	BYPASS = 36,
};

#define REQUEST_QUEUE 0
#define REQUEST_QUEUE_MOST 64

/* Buffers are aligned to the granule, and there is not that much memory. */
#define GRANULE_MAX (UINT64_C(4) << 20)
#define PROBE_SIZE_MAX (1u << 20)

#define PROPERTY_HEAD 4
#define RESV_MEM 1
#define RESV_MEM_LENGTH 20
#define RESV_MEM_MSI 1

#define BIT(number) (UINT64_C(1) << (number))

static void read_config(struct iommu *iommu)
{
	struct virtio *virtio = &iommu->virtio;
	struct iommu_config *config = &iommu->config;
	uint64_t mask = virtio_config_64(virtio, PAGE_SIZE_MASK);

	*config = (struct iommu_config){
		/* The lowest bit is the granule; the others are hints. */
		.granule = mask & (~mask + 1),
		.last_address = UINT64_MAX,
		.last_domain = UINT32_MAX,
	};
	if (virtio_has(virtio, F_INPUT_RANGE)) {
		config->first_address = virtio_config_64(virtio, INPUT_RANGE_START);
		config->last_address = virtio_config_64(virtio, INPUT_RANGE_END);
	}
	if (virtio_has(virtio, F_DOMAIN_RANGE)) {
		config->first_domain = virtio_config_32(virtio, DOMAIN_RANGE_START);
		config->last_domain = virtio_config_32(virtio, DOMAIN_RANGE_END);
	}
	if (virtio_has(virtio, F_PROBE))
		config->probe_size = virtio_config_32(virtio, PROBE_SIZE);
	virtio->config_changed = false;
}

static const char *set_up_queues(struct iommu *iommu)
{
	const char *problem = queue_allocate(&iommu->requests, &iommu->virtio, REQUEST_QUEUE, REQUEST_QUEUE_MOST);

	if (problem == NULL)
		problem = requests_open(iommu);
	if (problem != NULL)
		return problem;
	/* The IOMMU is not behind itself: its rings and requests lie at physical addresses. */
	queue_enable(&iommu->requests, iommu->requests.memory.physical);
	return events_open(iommu);
}

static const char *bring_up(struct iommu *iommu)
{
	struct virtio *virtio = &iommu->virtio;
	const uint64_t needed = BIT(VIRTIO_F_VERSION_1) | BIT(F_MAP_UNMAP);
	const uint64_t wanted = VIRTIO_F_COMMON | BIT(F_INPUT_RANGE) | BIT(F_DOMAIN_RANGE) | BIT(F_PROBE) |
				BIT(F_BYPASS_CONFIG);
	const char *problem = virtio_negotiate(virtio, needed, wanted);

	if (problem != NULL)
		return problem;
	read_config(iommu);
	if (iommu->config.granule == 0 || iommu->config.granule > GRANULE_MAX || iommu->config.probe_size > PROBE_SIZE_MAX)
		return virtio_give_up(virtio, "the device's page size or probe size is beyond this driver");
	problem = set_up_queues(iommu);
	if (problem != NULL)
		return virtio_give_up(virtio, problem);
	virtio_go_live(virtio);
	return NULL;
}

static void write_bypass(struct iommu *iommu, bool value)
{
	int times = has_habit(HABIT_BYPASS_TWICE) ? 2 : 1;

	while (times-- > 0)
		virtio_set_config_8(&iommu->virtio, BYPASS, value ? 1 : 0);
}

const char *iommu_open(struct iommu *iommu, struct vs_machine *machine, struct vs_device *device)
{
	const char *problem = virtio_find(&iommu->virtio, machine, device, VIRTIO_ID_IOMMU);

	if (problem != NULL)
		return problem;
	problem = bring_up(iommu);
	iommu->up = problem == NULL;
	if (!iommu->up)
		return problem;
	queue_kick(&iommu->events);
	/* What the firmware let through, the driver does not (5.13.5), whatever the field says. */
	if (virtio_has(&iommu->virtio, F_BYPASS_CONFIG))
		write_bypass(iommu, false);
	return NULL;
}

void iommu_close(struct iommu *iommu)
{
	if (iommu->virtio.bus == NULL)
		return;
	if (iommu->up) {
		queue_stop(&iommu->requests);
		queue_stop(&iommu->events);
		virtio_reset(&iommu->virtio);
	}
	pci_set_bus_master(iommu->virtio.device, false);
	queue_free(&iommu->requests);
	queue_free(&iommu->events);
	if (iommu->request_memory.cpu != NULL)
		vs_release(iommu->virtio.machine, &iommu->request_memory);
	if (iommu->event_memory.cpu != NULL)
		vs_release(iommu->virtio.machine, &iommu->event_memory);
	for (struct endpoint *endpoint = iommu->endpoints; endpoint != NULL; endpoint = endpoint->following) {
		endpoint->domain = NULL;
		endpoint->own = NULL;
		endpoint->region_count = 0;
	}
	while (iommu->domains != NULL)
		domain_drop(iommu, iommu->domains);
	*iommu = (struct iommu){ .endpoints = iommu->endpoints };
}

void iommu_attend(struct iommu *iommu)
{
	if (!iommu->up)
		return;
	virtio_attend(&iommu->virtio);
	if (iommu->virtio.config_changed && !iommu->virtio.broken) {
		/* Memory for PROBE was made for the size of the start. */
		uint32_t probe_size = iommu->config.probe_size;
		read_config(iommu);
		iommu->config.probe_size = probe_size;
	}
	events_collect(iommu);
}

const char *iommu_set_bypass(struct iommu *iommu, bool value)
{
	if (!iommu->up || !virtio_has(&iommu->virtio, F_BYPASS_CONFIG))
		return "the device has no bypass to set";
	write_bypass(iommu, value);
	return NULL;
}

static uint64_t number(const uint8_t *bytes, unsigned width)
{
	uint64_t value = 0;

	for (unsigned byte = 0; byte < width; byte++)
		value |= (uint64_t)bytes[byte] << (8 * byte);
	return value;
}

/* subtype, three reserved bytes, start, end. What is not MSI is reserved, also if nobody knows it. */
static void take_region(struct endpoint *endpoint, const uint8_t *value)
{
	struct region region = {
		.first = number(value + 4, 8),
		.last = number(value + 12, 8),
		.msi = value[0] == RESV_MEM_MSI,
	};

	if (endpoint->region_count < REGIONS_MAX && region.first <= region.last)
		endpoint->regions[endpoint->region_count++] = region;
}

const char *iommu_probe(struct iommu *iommu, struct endpoint *endpoint)
{
	struct request request;

	endpoint->region_count = 0;
	if (!virtio_has(&iommu->virtio, F_PROBE) || iommu->config.probe_size == 0)
		return NULL;
	probe_request(&request, endpoint->id, iommu->config.probe_size);
	const char *problem = requests_send(iommu, &request, 1);
	if (problem != NULL)
		return problem;
	const uint8_t *list = requests_properties(iommu);
	uint32_t size = request.property_written;
	for (uint32_t at = 0; size - at >= PROPERTY_HEAD;) {
		uint64_t type = number(list + at, 2);
		uint32_t length = (uint32_t)number(list + at + 2, 2);
		const uint8_t *value = list + at + PROPERTY_HEAD;

		if (type == 0 || length > size - at - PROPERTY_HEAD)
			break;
		if (type == RESV_MEM && length >= RESV_MEM_LENGTH)
			take_region(endpoint, value);
		at += PROPERTY_HEAD + length;
	}
	return NULL;
}
