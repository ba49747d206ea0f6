/* Requests of virtio-iommu (5.13.6): their bytes, and their way to the device and back. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "iommu.h"

#define REQUEST_BYTES_MAX 72

struct request {
	uint8_t bytes[REQUEST_BYTES_MAX];
	uint32_t size;
	/* PROBE only: bytes of properties before the tail, and how many of them the device has written. */
	uint32_t property_size;
	uint32_t property_written;
	/* NULL: carried out. */
	const char *problem;
};

void attach_request(struct request *request, uint32_t domain, uint32_t endpoint, bool bypass);
void detach_request(struct request *request, uint32_t domain, uint32_t endpoint);
void map_request(struct request *request, uint32_t domain, const struct mapping *mapping);
void unmap_request(struct request *request, uint32_t domain, uint64_t first, uint64_t last);
void probe_request(struct request *request, uint32_t endpoint, uint32_t property_size);

/* Makes room for requests, once the configuration is known. */
const char *requests_open(struct iommu *iommu);
/* The properties that the last PROBE brought. */
const uint8_t *requests_properties(const struct iommu *iommu);

/*
 * Sends all requests, as many at a time as the queue holds, and waits for all answers; a PROBE goes alone. Each has its outcome
 * in `problem`; the first of them is given back.
 */
const char *requests_send(struct iommu *iommu, struct request *requests, size_t count);

#endif
