/* The virtio-iommu device, its domains, and the endpoints behind it (virtio 1.4, section 5.13). */
#ifndef IOMMU_H
#define IOMMU_H

#include "split-queue.h"

#define REGIONS_MAX 32
#define FAULTS_MAX 256

/* Addresses that must not be mapped; both ends belong to it. */
struct region {
	uint64_t first;
	uint64_t last;
	bool msi;
};

struct domain;

/* A device as the IOMMU knows it. */
struct endpoint {
	struct vs_device *device;
	/* Whether the topology puts it behind the IOMMU, and by which ID. */
	bool managed;
	uint32_t id;
	struct region regions[REGIONS_MAX];
	size_t region_count;
	/* Where it is attached; NULL: nowhere. */
	struct domain *domain;
	/* It has left that domain for a moment only, while the domain is built anew. */
	bool returns;
	/* The domain of its own driver; NULL: none is needed. */
	struct domain *own;
	struct rng *rng;
	struct endpoint *following;
};

struct mapping {
	uint64_t first;
	uint64_t last;
	uint64_t physical;
	unsigned access;
};

struct domain {
	char name[VS_NAME_SIZE];
	uint32_t number;
	bool bypass;
	/* In the order of addresses. They outlive the device's own when the last endpoint leaves. */
	struct mapping *mappings;
	size_t mapping_count;
	struct domain *following;
};

/* The device configuration (5.13.4), with what holds where a feature is missing. */
struct iommu_config {
	uint64_t granule;
	uint64_t first_address;
	uint64_t last_address;
	uint32_t first_domain;
	uint32_t last_domain;
	uint32_t probe_size;
};

/* A fault record, as far as it may be believed. */
struct fault {
	const char *reason;
	uint32_t endpoint;
	uint64_t address;
	bool has_address;
};

struct iommu {
	bool up;
	struct virtio virtio;
	struct iommu_config config;
	struct queue requests;
	struct queue events;
	struct vs_memory request_memory;
	struct vs_memory event_memory;
	struct endpoint *endpoints;
	struct domain *domains;
	/* One behind the highest number that a domain has had; 0: none has had one. */
	uint64_t next_number;
	struct fault faults[FAULTS_MAX];
	size_t fault_count;
};

/* Functions that give a text give NULL when all went well, and otherwise why not. */

/* Brings the device up. It is reset and given up if that fails. */
const char *iommu_open(struct iommu *iommu, struct vs_machine *machine, struct vs_device *device);
/* Resets the device. Domains are gone, no endpoint is attached. */
void iommu_close(struct iommu *iommu);
/* Takes note of what has happened: a new configuration, a wish for a reset, fault records. */
void iommu_attend(struct iommu *iommu);
const char *iommu_set_bypass(struct iommu *iommu, bool value);
/* Asks the device what the endpoint must not be given. */
const char *iommu_probe(struct iommu *iommu, struct endpoint *endpoint);

const char *events_open(struct iommu *iommu);
/* Reads the records that have come, and gives their buffers back. */
void events_collect(struct iommu *iommu);

/* A domain that no endpoint is in yet; NULL, with the reason in `problem`, if there is no number left for it. */
struct domain *domain_make(struct iommu *iommu, const char *name, bool bypass, const char **problem);
struct domain *domain_find(struct iommu *iommu, const char *name);
/* Forgets a domain that no endpoint is in. */
void domain_drop(struct iommu *iommu, struct domain *domain);
const char *domain_attach(struct iommu *iommu, struct domain *domain, struct endpoint *endpoint);
/* Takes the endpoint out of whatever domain it is in. */
const char *domain_detach(struct iommu *iommu, struct endpoint *endpoint);
const char *domain_map(struct iommu *iommu, struct domain *domain, const struct mapping *mapping);
/* Removes the mappings that lie in the range; refuses to cut one in two. */
const char *domain_unmap(struct iommu *iommu, struct domain *domain, uint64_t first, uint64_t last);
/* The highest free addresses for `size` bytes. */
bool domain_room(const struct iommu *iommu, const struct domain *domain, uint64_t size, uint64_t *first);

#endif
