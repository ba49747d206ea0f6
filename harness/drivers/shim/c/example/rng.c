#include "rng.h"
#include "faults.h"

#include <stdio.h>

#define QUEUE_MOST 8
#define TRANSFER_MAX (1u << 20)
#define BOUNCE_SIZE ((size_t)4096)

const char *dma_map(struct iommu *iommu, struct endpoint *endpoint, const struct vs_memory *memory, unsigned access,
		    uint64_t *bus)
{
	struct domain *domain = endpoint->own;

	if (domain == NULL || endpoint->domain != domain)
		return "the endpoint is not in the hands of its own driver";
	if (!domain_room(iommu, domain, memory->size, bus))
		return "no address is free";
	const struct mapping mapping = {
		.first = *bus,
		.last = *bus + memory->size - 1,
		.physical = memory->physical,
		.access = access,
	};
	return domain_map(iommu, domain, &mapping);
}

const char *dma_unmap(struct iommu *iommu, struct endpoint *endpoint, uint64_t bus, size_t size)
{
	if (endpoint->own == NULL)
		return "the endpoint is not in the hands of its own driver";
	return domain_unmap(iommu, endpoint->own, bus, bus + size - 1);
}

/* Where the device finds the memory; mapped first, if need be. */
static const char *expose(struct rng *rng, const struct vs_memory *memory, unsigned access, uint64_t *bus)
{
	*bus = memory->physical;
	return rng->translated ? dma_map(rng->iommu, rng->endpoint, memory, access, bus) : NULL;
}

static const char *hide(struct rng *rng, const struct vs_memory *memory, uint64_t bus)
{
	return rng->translated ? dma_unmap(rng->iommu, rng->endpoint, bus, memory->size) : NULL;
}

/* Memory for a transfer, mapped. */
static const char *take(struct rng *rng, size_t length, struct vs_memory *memory, uint64_t *bus)
{
	if (!vs_allocate(rng->virtio.machine, length, rng->virtio.dma_alignment, memory))
		return "there is no memory for the transfer";
	const char *problem = expose(rng, memory, VS_WRITABLE, bus);
	if (problem != NULL)
		vs_release(rng->virtio.machine, memory);
	return problem;
}

/* What is still mapped is not used again. */
static const char *give_back(struct rng *rng, struct vs_memory *memory, uint64_t bus)
{
	const char *problem = hide(rng, memory, bus);

	if (problem == NULL)
		vs_release(rng->virtio.machine, memory);
	return problem;
}

/* The ring's memory is read and written by the device, and filled up to whole granules. */
static const char *bring_up(struct rng *rng)
{
	const char *problem = queue_allocate(&rng->queue, &rng->virtio, 0, QUEUE_MOST);

	if (problem != NULL)
		return problem;
	problem = expose(rng, &rng->queue.memory, VS_READABLE | VS_WRITABLE, &rng->ring_bus);
	if (problem != NULL) {
		queue_free(&rng->queue);
		return problem;
	}
	queue_enable(&rng->queue, rng->ring_bus);
	virtio_go_live(&rng->virtio);
	return NULL;
}

const char *rng_start(struct rng *rng, struct vs_machine *machine, struct iommu *iommu, struct endpoint *endpoint)
{
	struct virtio *virtio = &rng->virtio;

	*rng = (struct rng){ .iommu = iommu, .endpoint = endpoint };
	const char *problem = virtio_find(virtio, machine, endpoint->device, VIRTIO_ID_ENTROPY);
	if (problem != NULL)
		return problem;
	virtio->dma_alignment = endpoint->managed ? iommu->config.granule : 0;
	problem = virtio_negotiate(virtio, UINT64_C(1) << VIRTIO_F_VERSION_1, VIRTIO_F_COMMON);
	if (problem != NULL)
		return problem;
	rng->translated = endpoint->managed && virtio_has(virtio, VIRTIO_F_ACCESS_PLATFORM);
	problem = bring_up(rng);
	if (problem != NULL)
		return virtio_give_up(virtio, problem);
	rng->running = true;
	return NULL;
}

void rng_stop(struct rng *rng)
{
	if (!rng->running)
		return;
	queue_stop(&rng->queue);
	virtio_reset(&rng->virtio);
	pci_set_bus_master(rng->endpoint->device, false);
	if (rng->bounce.cpu != NULL && give_back(rng, &rng->bounce, rng->bounce_bus) != NULL)
		fprintf(stderr, "rng: a buffer stays mapped, and its memory out of use\n");
	const char *problem = hide(rng, &rng->queue.memory, rng->ring_bus);
	if (problem != NULL) {
		fprintf(stderr, "rng: the ring stays mapped, and its memory out of use: %s\n", problem);
		rng->queue.memory.cpu = NULL;
	}
	queue_free(&rng->queue);
	rng->running = false;
}

/* False if the device did not come back to the buffer. */
static bool transfer(struct rng *rng, uint64_t bus, uint32_t length, uint64_t *moved)
{
	const struct piece piece = { .bus = bus, .length = length, .writable = true };
	void *token;
	uint32_t written = 0;

	queue_add(&rng->queue, &piece, 1, NULL);
	queue_kick(&rng->queue);
	do {
		if (!queue_wait(&rng->queue))
			return false;
	} while (!queue_take(&rng->queue, &token, &written));
	*moved = written < length ? written : length;
	return true;
}

const char *rng_transfer(struct rng *rng, uint64_t length, uint64_t *moved)
{
	struct vs_memory memory;
	uint64_t bus;

	if (!rng->running || rng->virtio.broken)
		return "the endpoint's driver is not running";
	if (length > TRANSFER_MAX)
		return "the transfer is too long for this driver";
	bool bounces = has_habit(HABIT_BOUNCE) && length <= BOUNCE_SIZE;
	if (bounces && rng->bounce.cpu != NULL) {
		memory = rng->bounce;
		bus = rng->bounce_bus;
	} else {
		const char *problem = take(rng, bounces ? BOUNCE_SIZE : (size_t)length, &memory, &bus);
		if (problem != NULL)
			return problem;
	}
	if (bounces) {
		rng->bounce = memory;
		rng->bounce_bus = bus;
	}
	if (!transfer(rng, bus, (uint32_t)length, moved)) {
		/* The device still has the buffer: it stays where it is until the device has been reset. */
		rng->virtio.broken = true;
		return "the device did not answer";
	}
	return bounces ? NULL : give_back(rng, &memory, bus);
}
