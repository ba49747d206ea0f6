/*
 * A virtio-iommu driver in a process of its own, with a driver for its entropy endpoints: every verb of the contract but
 * those of optional abilities (`reset-queue`, `suspend`, `plug` and the like). It is written from the specification, for
 * reading, and to be a second opinion on both sides of the ring.
 */
#include "faults.h"
#include "iommu.h"
#include "rng.h"
#include "viot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_SIZE ((size_t)64 << 20)

struct driver {
	struct vs_machine *machine;
	struct iommu iommu;
	struct endpoint *endpoints;
	struct rng *rngs;
};

static const char *const not_up = "the IOMMU is not in use";

static struct endpoint *endpoint_of(struct vs_device *device)
{
	return device->driver;
}

/* Nothing answers where nothing is: all ones. */
static bool is_there(struct vs_device *device)
{
	return device->bus == VS_PCI ? vs_read(device, VS_CONFIG_SPACE, 0, 2) != 0xffff
				     : vs_read(device, 0, 0, 4) != 0xffffffff;
}

static bool has_own_driver(const struct endpoint *endpoint)
{
	return strcmp(endpoint->device->kind, "virtio-rng") == 0;
}

/* Puts the endpoint into a domain of its own driver's. */
static const char *attach_own(struct driver *driver, struct endpoint *endpoint)
{
	const char *problem = NULL;

	if (endpoint->own == NULL)
		endpoint->own = domain_make(&driver->iommu, "", false, &problem);
	if (problem == NULL)
		problem = domain_attach(&driver->iommu, endpoint->own, endpoint);
	if (problem == NULL)
		pci_set_bus_master(endpoint->device, true);
	return problem;
}

/* An endpoint's driver starts when it can do DMA, and not before. */
static void start_own(struct driver *driver, struct endpoint *endpoint)
{
	if (!has_own_driver(endpoint))
		return;
	const char *problem = endpoint->managed ? attach_own(driver, endpoint) : NULL;
	if (problem == NULL)
		problem = rng_start(endpoint->rng, driver->machine, &driver->iommu, endpoint);
	if (problem != NULL)
		fprintf(stderr, "%s: %s\n", endpoint->device->name, problem);
}

static void stop_own(struct endpoint *endpoint)
{
	if (endpoint->rng != NULL)
		rng_stop(endpoint->rng);
	pci_set_bus_master(endpoint->device, false);
}

/* Forgets the domain of the endpoint's driver, once the endpoint has left it. */
static void drop_own(struct driver *driver, struct endpoint *endpoint)
{
	if (endpoint->own == NULL || endpoint->domain == endpoint->own)
		return;
	domain_drop(&driver->iommu, endpoint->own);
	endpoint->own = NULL;
}

static const char *start(void *context)
{
	struct driver *driver = context;
	struct vs_machine *machine = driver->machine;

	const char *problem = iommu_open(&driver->iommu, machine, &machine->devices[0]);
	if (problem != NULL) {
		iommu_close(&driver->iommu);
		return problem;
	}
	for (size_t index = 1; index < machine->device_count; index++) {
		struct endpoint *endpoint = endpoint_of(&machine->devices[index]);

		endpoint->managed = false;
		if (!is_there(endpoint->device))
			continue;
		endpoint->managed = viot_endpoint_id(machine, &machine->devices[0], endpoint->device, &endpoint->id);
		if (endpoint->managed && has_fault(FAULT_BDF_FOR_ENDPOINT_ID))
			endpoint->id = endpoint->device->bdf;
		problem = endpoint->managed ? iommu_probe(&driver->iommu, endpoint) : NULL;
		if (problem != NULL)
			fprintf(stderr, "%s: not probed: %s\n", endpoint->device->name, problem);
		start_own(driver, endpoint);
	}
	return NULL;
}

static const char *stop(void *context)
{
	struct driver *driver = context;

	for (struct endpoint *endpoint = driver->iommu.endpoints; endpoint != NULL; endpoint = endpoint->following) {
		stop_own(endpoint);
		if (driver->iommu.up)
			domain_detach(&driver->iommu, endpoint);
	}
	iommu_close(&driver->iommu);
	return NULL;
}

static const char *attach(void *context, struct vs_device *device, const char *name, bool bypass)
{
	struct driver *driver = context;
	struct endpoint *endpoint = endpoint_of(device);
	const char *problem = NULL;

	if (!driver->iommu.up)
		return not_up;
	struct domain *known = domain_find(&driver->iommu, name);
	struct domain *domain = known != NULL ? known : domain_make(&driver->iommu, name, bypass, &problem);
	if (domain == NULL)
		return problem;
	bool was_own = endpoint->rng != NULL && endpoint->rng->running;
	stop_own(endpoint);
	problem = domain_attach(&driver->iommu, domain, endpoint);
	if (problem == NULL) {
		pci_set_bus_master(device, true);
		drop_own(driver, endpoint);
		return NULL;
	}
	if (known == NULL)
		domain_drop(&driver->iommu, domain);
	if (was_own)
		start_own(driver, endpoint);
	return problem;
}

static const char *detach(void *context, struct vs_device *device, const char *name)
{
	struct driver *driver = context;
	struct endpoint *endpoint = endpoint_of(device);

	if (endpoint->domain == NULL || strcmp(endpoint->domain->name, name) != 0)
		return "the endpoint is not in that domain";
	pci_set_bus_master(device, false);
	const char *problem = domain_detach(&driver->iommu, endpoint);
	if (problem == NULL)
		start_own(driver, endpoint);
	return problem;
}

static const char *map(void *context, const char *name, uint64_t iova, uint64_t length, unsigned access,
		       struct vs_buffer *buffer)
{
	struct driver *driver = context;
	struct domain *domain = domain_find(&driver->iommu, name);
	const struct mapping mapping = {
		.first = iova,
		.last = iova + length - 1,
		.physical = buffer->memory.physical,
		.access = access,
	};

	return domain == NULL ? "there is no such domain" : domain_map(&driver->iommu, domain, &mapping);
}

static const char *unmap(void *context, const char *name, uint64_t iova, uint64_t length)
{
	struct driver *driver = context;
	struct domain *domain = domain_find(&driver->iommu, name);

	if (domain == NULL)
		return "there is no such domain";
	return domain_unmap(&driver->iommu, domain, iova, iova + length - 1);
}

/* The address is kept in the buffer, for `free_buffer`. */
static const char *alloc(void *context, struct vs_device *device, struct vs_buffer *buffer, unsigned access, uint64_t *iova)
{
	struct driver *driver = context;
	struct endpoint *endpoint = endpoint_of(device);

	if (!driver->iommu.up || !endpoint->managed)
		return "the endpoint is not behind the IOMMU";
	const char *problem = endpoint->domain == NULL ? attach_own(driver, endpoint) : NULL;
	if (problem == NULL)
		problem = dma_map(&driver->iommu, endpoint, &buffer->memory, access, iova);
	buffer->address = *iova;
	return problem;
}

static const char *free_buffer(void *context, struct vs_device *device, struct vs_buffer *buffer)
{
	struct driver *driver = context;

	return dma_unmap(&driver->iommu, endpoint_of(device), buffer->address, buffer->memory.size);
}

static const char *io(void *context, struct vs_device *device, uint64_t length, uint64_t *moved)
{
	struct endpoint *endpoint = endpoint_of(device);

	return endpoint->rng == NULL ? vs_skip : rng_transfer(endpoint->rng, length, moved);
}

static const char *bypass(void *context, bool value)
{
	struct driver *driver = context;

	return iommu_set_bypass(&driver->iommu, value);
}

static const char *regions(void *context, struct vs_device *device, struct vs_list *list)
{
	const struct driver *driver = context;
	const struct endpoint *endpoint = endpoint_of(device);

	if (!driver->iommu.up || !endpoint->managed)
		return "the endpoint is not behind the IOMMU";
	for (size_t index = 0; index < endpoint->region_count; index++)
		vs_add_region(list, endpoint->regions[index].first, endpoint->regions[index].last, endpoint->regions[index].msi);
	return NULL;
}

static const char *faults(void *context, struct vs_list *list)
{
	struct driver *driver = context;

	for (size_t index = 0; index < driver->iommu.fault_count; index++) {
		const struct fault *fault = &driver->iommu.faults[index];
		vs_add_fault(list, fault->reason, fault->endpoint, fault->has_address ? &fault->address : NULL);
	}
	driver->iommu.fault_count = 0;
	return NULL;
}

static const char *release(void *context, struct vs_device *device)
{
	struct driver *driver = context;
	struct endpoint *endpoint = endpoint_of(device);

	stop_own(endpoint);
	const char *problem = driver->iommu.up ? domain_detach(&driver->iommu, endpoint) : NULL;
	drop_own(driver, endpoint);
	return problem;
}

static const char *end_domain(void *context, const char *name)
{
	struct driver *driver = context;
	struct domain *domain = domain_find(&driver->iommu, name);

	if (domain == NULL)
		return "there is no such domain";
	for (const struct endpoint *endpoint = driver->iommu.endpoints; endpoint != NULL; endpoint = endpoint->following)
		if (endpoint->domain == domain)
			return "an endpoint is in that domain";
	domain_drop(&driver->iommu, domain);
	return NULL;
}

/* More than has to be: this driver has no way down but the one that gives everything back. */
static const char *shut_down(void *context)
{
	return stop(context);
}

static void attend(void *context)
{
	struct driver *driver = context;

	iommu_attend(&driver->iommu);
}

static size_t buffer_alignment(void *context)
{
	const struct driver *driver = context;

	return driver->iommu.up ? driver->iommu.config.granule : 0;
}

static const struct vs_driver verbs = {
	.attend = attend,
	.start = start,
	.stop = stop,
	.attach = attach,
	.detach = detach,
	.map = map,
	.unmap = unmap,
	.alloc = alloc,
	.free = free_buffer,
	.io = io,
	.bypass = bypass,
	.regions = regions,
	.faults = faults,
	.release = release,
	.end_domain = end_domain,
	.shutdown = shut_down,
	.buffer_alignment = buffer_alignment,
};

/* An endpoint for each device that may be there. */
static bool make_endpoints(struct driver *driver)
{
	size_t count = driver->machine->device_count;

	driver->endpoints = calloc(count, sizeof *driver->endpoints);
	driver->rngs = calloc(count, sizeof *driver->rngs);
	if (driver->endpoints == NULL || driver->rngs == NULL)
		return false;
	for (size_t index = count - 1; index > 0; index--) {
		struct endpoint *endpoint = &driver->endpoints[index];

		endpoint->device = &driver->machine->devices[index];
		endpoint->device->driver = endpoint;
		endpoint->rng = has_own_driver(endpoint) ? &driver->rngs[index] : NULL;
		endpoint->following = driver->iommu.endpoints;
		driver->iommu.endpoints = endpoint;
	}
	return true;
}

int main(void)
{
	static struct driver driver;
	int exit_code = 1;

	driver.machine = vs_machine_open(MEMORY_SIZE);
	if (driver.machine != NULL && make_endpoints(&driver))
		exit_code = vs_serve(driver.machine, &verbs, &driver);
	if (driver.machine != NULL)
		stop(&driver);
	free(driver.endpoints);
	free(driver.rngs);
	vs_machine_close(driver.machine);
	return exit_code;
}
