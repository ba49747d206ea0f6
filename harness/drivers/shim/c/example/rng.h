/* The driver of an endpoint, as any driver behind an IOMMU: a virtio entropy device (5.4). */
#ifndef RNG_H
#define RNG_H

#include "iommu.h"

struct rng {
	struct iommu *iommu;
	struct endpoint *endpoint;
	struct virtio virtio;
	struct queue queue;
	uint64_t ring_bus;
	/* A buffer that stays mapped as long as the driver runs, with a habit; `cpu` is NULL: there is none. */
	struct vs_memory bounce;
	uint64_t bounce_bus;
	/* Whether the device's addresses go through the IOMMU: ACCESS_PLATFORM was accepted, and the endpoint is behind one. */
	bool translated;
	bool running;
};

/* Maps memory for the endpoint's own driver, at an address that the driver chooses. */
const char *dma_map(struct iommu *iommu, struct endpoint *endpoint, const struct vs_memory *memory, unsigned access,
		    uint64_t *bus);
const char *dma_unmap(struct iommu *iommu, struct endpoint *endpoint, uint64_t bus, size_t size);

const char *rng_start(struct rng *rng, struct vs_machine *machine, struct iommu *iommu, struct endpoint *endpoint);
void rng_stop(struct rng *rng);
/* One transfer of up to `length` bytes into new memory. */
const char *rng_transfer(struct rng *rng, uint64_t length, uint64_t *moved);

#endif
