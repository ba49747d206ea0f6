#include "requests.h"
#include "faults.h"

#include <string.h>

enum { TYPE_ATTACH = 1, TYPE_DETACH = 2, TYPE_MAP = 3, TYPE_UNMAP = 4, TYPE_PROBE = 5 };

#define ATTACH_F_BYPASS 1u
#define TAIL_SIZE 4

/* A request with its tail behind it, in memory of its own while the device has it. */
#define SLOT_SIZE 128
#define SLOT_TAIL 96
#define SLOTS (4096 / SLOT_SIZE)
#define PROPERTIES_OFFSET 4096

/* A request consists of two descriptors: what the device reads, and what it writes. */
#define PIECES 2

static void put(struct request *request, unsigned offset, uint64_t value, unsigned width)
{
	for (unsigned byte = 0; byte < width; byte++)
		request->bytes[offset + byte] = (uint8_t)(value >> (8 * byte));
}

/* Everything that is not put into it later stays 0, reserved fields above all. */
static void begin(struct request *request, uint8_t type, uint32_t size)
{
	*request = (struct request){ .size = size };
	put(request, 0, type, 1);
}

void attach_request(struct request *request, uint32_t domain, uint32_t endpoint, bool bypass)
{
	begin(request, TYPE_ATTACH, 20);
	put(request, 4, domain, 4);
	put(request, 8, endpoint, 4);
	put(request, 12, bypass ? ATTACH_F_BYPASS : 0, 4);
}

void detach_request(struct request *request, uint32_t domain, uint32_t endpoint)
{
	begin(request, TYPE_DETACH, 20);
	put(request, 4, domain, 4);
	put(request, 8, endpoint, 4);
}

/* READ and WRITE of MAP are the access bits of the contract. */
void map_request(struct request *request, uint32_t domain, const struct mapping *mapping)
{
	begin(request, TYPE_MAP, 36);
	put(request, 4, domain, 4);
	put(request, 8, mapping->first, 8);
	put(request, 16, mapping->last + has_fault(FAULT_END_EXCLUSIVE), 8);
	put(request, 24, mapping->physical, 8);
	put(request, 32, mapping->access, 4);
}

void unmap_request(struct request *request, uint32_t domain, uint64_t first, uint64_t last)
{
	begin(request, TYPE_UNMAP, 28);
	put(request, 4, domain, 4);
	put(request, 8, first, 8);
	put(request, 16, last, 8);
}

void probe_request(struct request *request, uint32_t endpoint, uint32_t property_size)
{
	begin(request, TYPE_PROBE, 72);
	put(request, 4, endpoint, 4);
	request->property_size = property_size;
}

const char *requests_open(struct iommu *iommu)
{
	size_t size = PROPERTIES_OFFSET + (size_t)iommu->config.probe_size + TAIL_SIZE;

	return vs_allocate(iommu->virtio.machine, size, 0, &iommu->request_memory) ? NULL : "there is no memory for requests";
}

const uint8_t *requests_properties(const struct iommu *iommu)
{
	return (const uint8_t *)iommu->request_memory.cpu + PROPERTIES_OFFSET;
}

/* Where the device finds a request's answer. */
static size_t answer_offset(const struct request *request, size_t slot)
{
	return request->property_size > 0 ? PROPERTIES_OFFSET : slot * SLOT_SIZE + SLOT_TAIL;
}

static void add(struct iommu *iommu, struct request *request, size_t slot)
{
	const struct vs_memory *memory = &iommu->request_memory;
	size_t answer = answer_offset(request, slot);
	uint32_t answer_size = request->property_size + TAIL_SIZE;
	const struct piece pieces[PIECES] = {
		{ .bus = memory->physical + slot * SLOT_SIZE, .length = request->size },
		{ .bus = memory->physical + answer, .length = answer_size, .writable = true },
	};

	memcpy((char *)memory->cpu + slot * SLOT_SIZE, request->bytes, request->size);
	/* No status, so that nothing can be taken for an answer that is none. */
	memset((char *)memory->cpu + answer, 0xff, answer_size);
	request->problem = "the device did not answer";
	queue_add(&iommu->requests, pieces, PIECES, request);
}

static const char *status_problem(uint8_t status)
{
	static const char *const problems[] = {
		NULL,
		"the device answered VIRTIO_IOMMU_S_IOERR",
		"the device answered VIRTIO_IOMMU_S_UNSUPP",
		"the device answered VIRTIO_IOMMU_S_DEVERR",
		"the device answered VIRTIO_IOMMU_S_INVAL",
		"the device answered VIRTIO_IOMMU_S_RANGE",
		"the device answered VIRTIO_IOMMU_S_NOENT",
		"the device answered VIRTIO_IOMMU_S_FAULT",
		"the device answered VIRTIO_IOMMU_S_NOMEM",
	};

	if (has_fault(FAULT_IGNORES_STATUS))
		return NULL;
	return status < sizeof problems / sizeof problems[0] ? problems[status] : "the device answered an unknown status";
}

/* The status counts only if the device says that it wrote as far. */
static void read_answer(const struct iommu *iommu, struct request *request, size_t slot, uint32_t written)
{
	const uint8_t *answer = (const uint8_t *)iommu->request_memory.cpu + answer_offset(request, slot);

	if (written <= request->property_size) {
		request->problem = "the device returned the request without an answer";
		return;
	}
	request->property_written = request->property_size;
	request->problem = status_problem(answer[request->property_size]);
}

/* Waits for all that are with the device. */
static void collect(struct iommu *iommu, const struct request *first, size_t count)
{
	while (count > 0) {
		void *token;
		uint32_t written;

		if (!queue_wait(&iommu->requests)) {
			/* The device still has descriptors of ours: nothing can be sent any more. */
			iommu->virtio.broken = true;
			return;
		}
		while (count > 0 && queue_take(&iommu->requests, &token, &written)) {
			struct request *request = token;
			read_answer(iommu, request, (size_t)(request - first), written);
			count--;
		}
	}
}

/* Nothing is with the device: what it returns all the same would be taken for the answer to the next request. */
static void discard_strays(struct iommu *iommu)
{
	void *token;
	uint32_t written;

	while (queue_take(&iommu->requests, &token, &written))
		continue;
}

const char *requests_send(struct iommu *iommu, struct request *requests, size_t count)
{
	const char *problem = NULL;

	discard_strays(iommu);
	for (size_t sent = 0; sent < count;) {
		struct request *first = &requests[sent];
		size_t batch = 0;

		if (iommu->virtio.broken)
			return "the device is broken; it has to be stopped and started";
		while (sent + batch < count && batch < SLOTS && queue_has_room(&iommu->requests, PIECES)) {
			add(iommu, &first[batch], batch);
			batch++;
		}
		queue_kick(&iommu->requests);
		collect(iommu, first, batch);
		for (size_t index = 0; index < batch && problem == NULL; index++)
			problem = first[index].problem;
		sent += batch;
	}
	return problem;
}
