/* Domains: who is in them, what is mapped in them, and which requests say so to the device. */
#include "iommu.h"
#include "faults.h"
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define F_BYPASS_CONFIG 6

static bool number_is_taken(const struct iommu *iommu, uint32_t number)
{
	for (const struct domain *domain = iommu->domains; domain != NULL; domain = domain->following)
		if (domain->number == number)
			return true;
	return false;
}

/* The lowest number that is free, or was never used; false if there is none. */
static bool number_for(struct iommu *iommu, uint32_t *number)
{
	uint64_t free = iommu->config.first_domain;

	if (has_habit(HABIT_NUMBERS_ONCE) && iommu->next_number > free)
		free = iommu->next_number;
	while (free <= iommu->config.last_domain && number_is_taken(iommu, (uint32_t)free))
		free++;
	if (free > iommu->config.last_domain)
		return false;
	*number = (uint32_t)free;
	iommu->next_number = free + 1;
	return true;
}

struct domain *domain_make(struct iommu *iommu, const char *name, bool bypass, const char **problem)
{
	uint32_t number = 0;

	*problem = NULL;
	if (bypass && !virtio_has(&iommu->virtio, F_BYPASS_CONFIG))
		*problem = "the device has no bypass domains";
	else if (!number_for(iommu, &number))
		*problem = "the device has no more domains";
	struct domain *domain = *problem == NULL ? calloc(1, sizeof *domain) : NULL;
	if (domain == NULL) {
		if (*problem == NULL)
			*problem = "there is no memory for a domain";
		return NULL;
	}
	snprintf(domain->name, sizeof domain->name, "%s", name);
	domain->number = number;
	domain->bypass = bypass;
	domain->following = iommu->domains;
	iommu->domains = domain;
	return domain;
}

struct domain *domain_find(struct iommu *iommu, const char *name)
{
	for (struct domain *domain = iommu->domains; domain != NULL; domain = domain->following)
		if (strcmp(domain->name, name) == 0)
			return domain;
	return NULL;
}

void domain_drop(struct iommu *iommu, struct domain *domain)
{
	for (struct domain **link = &iommu->domains; *link != NULL; link = &(*link)->following) {
		if (*link != domain)
			continue;
		*link = domain->following;
		free(domain->mappings);
		free(domain);
		return;
	}
}

static bool has_endpoints(const struct iommu *iommu, const struct domain *domain)
{
	for (const struct endpoint *endpoint = iommu->endpoints; endpoint != NULL; endpoint = endpoint->following)
		if (endpoint->domain == domain)
			return true;
	return false;
}

static bool overlaps(uint64_t first, uint64_t last, uint64_t other_first, uint64_t other_last)
{
	return first <= other_last && other_first <= last;
}

/* The reserved region of `endpoint` that the range touches; NULL: none. */
static const struct region *reserved(const struct endpoint *endpoint, uint64_t first, uint64_t last)
{
	if (has_fault(FAULT_IGNORES_RESERVED_REGIONS))
		return NULL;
	for (size_t index = 0; index < endpoint->region_count; index++)
		if (overlaps(first, last, endpoint->regions[index].first, endpoint->regions[index].last))
			return &endpoint->regions[index];
	return NULL;
}

static const struct region *reserved_in(const struct iommu *iommu, const struct domain *domain, uint64_t first, uint64_t last)
{
	const struct region *region = NULL;

	for (const struct endpoint *endpoint = iommu->endpoints; endpoint != NULL && region == NULL;
	     endpoint = endpoint->following)
		if (endpoint->domain == domain)
			region = reserved(endpoint, first, last);
	return region;
}

/* With its last endpoint the device forgot the domain (5.13.6.4); with the first one that comes back, it has to learn again. */
static const char *map_again(struct iommu *iommu, const struct domain *domain)
{
	struct request *requests = calloc(domain->mapping_count, sizeof *requests);

	if (requests == NULL)
		return domain->mapping_count == 0 ? NULL : "there is no memory for requests";
	for (size_t index = 0; index < domain->mapping_count; index++)
		map_request(&requests[index], domain->number, &domain->mappings[index]);
	const char *problem = requests_send(iommu, requests, domain->mapping_count);
	free(requests);
	return problem;
}

const char *domain_attach(struct iommu *iommu, struct domain *domain, struct endpoint *endpoint)
{
	struct request request;
	bool is_empty = !has_endpoints(iommu, domain);

	if (!endpoint->managed)
		return "the endpoint is not behind the IOMMU";
	if (endpoint->domain == domain)
		return NULL;
	for (size_t index = 0; index < domain->mapping_count; index++)
		if (reserved(endpoint, domain->mappings[index].first, domain->mappings[index].last) != NULL)
			return "a mapping of the domain lies in a reserved region of the endpoint";
	attach_request(&request, domain->number, endpoint->id, domain->bypass);
	const char *problem = requests_send(iommu, &request, 1);
	if (problem != NULL)
		return problem;
	endpoint->domain = domain;
	if (!is_empty)
		return NULL;
	problem = map_again(iommu, domain);
	if (problem != NULL)
		domain_detach(iommu, endpoint);
	return problem;
}

const char *domain_detach(struct iommu *iommu, struct endpoint *endpoint)
{
	struct request request;

	if (endpoint->domain == NULL)
		return NULL;
	detach_request(&request, endpoint->domain->number, endpoint->id);
	const char *problem = requests_send(iommu, &request, 1);
	if (problem == NULL)
		endpoint->domain = NULL;
	return problem;
}

/* Where a mapping that begins at `first` belongs, or is. */
static size_t place_of(const struct domain *domain, uint64_t first)
{
	size_t place = 0;

	while (place < domain->mapping_count && domain->mappings[place].first < first)
		place++;
	return place;
}

static const struct mapping *mapping_in(const struct domain *domain, uint64_t first, uint64_t last)
{
	for (size_t index = 0; index < domain->mapping_count; index++)
		if (overlaps(first, last, domain->mappings[index].first, domain->mappings[index].last))
			return &domain->mappings[index];
	return NULL;
}

static const char *objection(const struct iommu *iommu, const struct domain *domain, const struct mapping *mapping)
{
	const struct iommu_config *config = &iommu->config;

	if (domain->bypass)
		return "the domain does not translate";
	if (!has_endpoints(iommu, domain))
		return "no endpoint is in the domain";
	if (mapping->last <= mapping->first || ((mapping->first | mapping->physical | (mapping->last + 1)) & (config->granule - 1)) != 0)
		return "the range is not made of whole pages";
	if (mapping->first < config->first_address || mapping->last > config->last_address)
		return "the range lies outside of the addresses that the device translates";
	if (reserved_in(iommu, domain, mapping->first, mapping->last) != NULL)
		return "the range lies in a reserved region";
	return mapping_in(domain, mapping->first, mapping->last) == NULL ? NULL : "the range is mapped already";
}

const char *domain_map(struct iommu *iommu, struct domain *domain, const struct mapping *mapping)
{
	struct request request;
	const char *problem = objection(iommu, domain, mapping);
	struct mapping *mappings = realloc(domain->mappings, (domain->mapping_count + 1) * sizeof *mappings);

	if (mappings == NULL)
		return "there is no memory for a mapping";
	domain->mappings = mappings;
	if (problem != NULL)
		return problem;
	map_request(&request, domain->number, mapping);
	problem = requests_send(iommu, &request, 1);
	if (problem != NULL)
		return problem;
	size_t place = place_of(domain, mapping->first);
	memmove(&mappings[place + 1], &mappings[place], (domain->mapping_count - place) * sizeof *mappings);
	mappings[place] = *mapping;
	domain->mapping_count++;
	return NULL;
}

static void forget(struct domain *domain, size_t from, size_t until)
{
	memmove(&domain->mappings[from], &domain->mappings[until], (domain->mapping_count - until) * sizeof(struct mapping));
	domain->mapping_count -= until - from;
}

/* Unmaps by taking the domain down: it ends with its last endpoint, and is built again with what stays (5.13.6.4). */
static const char *rebuild(struct iommu *iommu, struct domain *domain, size_t from, size_t until)
{
	const char *problem = NULL;

	for (struct endpoint *endpoint = iommu->endpoints; endpoint != NULL && problem == NULL; endpoint = endpoint->following) {
		endpoint->returns = endpoint->domain == domain;
		if (endpoint->returns)
			problem = domain_detach(iommu, endpoint);
	}
	if (problem == NULL) {
		forget(domain, from, until);
		if (has_habit(HABIT_NUMBERS_ONCE) && !number_for(iommu, &domain->number))
			problem = "the device has no more domains";
	}
	for (struct endpoint *endpoint = iommu->endpoints; endpoint != NULL; endpoint = endpoint->following) {
		const char *refusal = endpoint->returns ? domain_attach(iommu, domain, endpoint) : NULL;

		endpoint->returns = false;
		if (problem == NULL)
			problem = refusal;
	}
	return problem;
}

const char *domain_unmap(struct iommu *iommu, struct domain *domain, uint64_t first, uint64_t last)
{
	struct request request;
	size_t from = place_of(domain, first);
	size_t until = from;

	while (until < domain->mapping_count && domain->mappings[until].last <= last)
		until++;
	if (from > 0 && domain->mappings[from - 1].last >= first)
		return "the range would cut a mapping in two";
	if (until < domain->mapping_count && domain->mappings[until].first <= last)
		return "the range would cut a mapping in two";
	if (from == until)
		return "nothing is mapped there";
	if (has_habit(HABIT_TEARDOWN) && has_endpoints(iommu, domain))
		return rebuild(iommu, domain, from, until);
	/* From the first mapping to the last: no address outside of input_range is named. */
	unmap_request(&request, domain->number, domain->mappings[from].first, domain->mappings[until - 1].last);
	const char *problem =
		!has_endpoints(iommu, domain) || has_fault(FAULT_UNMAP_NEVER_SENT) ? NULL : requests_send(iommu, &request, 1);
	if (problem != NULL)
		return problem;
	forget(domain, from, until);
	return NULL;
}

bool domain_room(const struct iommu *iommu, const struct domain *domain, uint64_t size, uint64_t *first)
{
	uint64_t granule_bits = iommu->config.granule - 1;
	/* One beyond what is given out. The last page is left alone: devices are known that refuse to map up to 2^64. */
	uint64_t end = iommu->config.last_address & ~granule_bits;

	for (;;) {
		if (end < size || end - size < iommu->config.first_address)
			return false;
		uint64_t start = end - size;
		const struct region *region = reserved_in(iommu, domain, start, end - 1);
		const struct mapping *mapping = mapping_in(domain, start, end - 1);
		if (region == NULL && mapping == NULL) {
			*first = start;
			return true;
		}
		end = (region != NULL ? region->first : mapping->first) & ~granule_bits;
	}
}
