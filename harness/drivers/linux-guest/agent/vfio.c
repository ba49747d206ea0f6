/*
 * attach, detach, map, unmap: a named domain is a VFIO container, and VFIO calls the kernel's IOMMU API for it.
 * A container without an endpoint has no IOMMU domain behind it: when the last endpoint leaves, its mappings are gone.
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAX_DOMAINS 64
#define VFIO_DRIVER "vfio-pci"

struct domain {
	char name[MAX_NAME_BYTES];
	/* -1 while no endpoint is in it. */
	int container_fd;
	int endpoint_count;
};

static struct domain domains[MAX_DOMAINS];
static int domain_count;

static struct domain *find_domain(const char *name)
{
	for (int index = 0; index < domain_count; index++)
		if (strcmp(domains[index].name, name) == 0)
			return &domains[index];
	return NULL;
}

static struct domain *domain_for(const char *name, struct answer *answer)
{
	struct domain *domain = find_domain(name);

	if (domain != NULL)
		return domain;
	if (domain_count == MAX_DOMAINS || strlen(name) >= MAX_NAME_BYTES) {
		refuse(answer, "there are %d domains already, or the name is too long", domain_count);
		return NULL;
	}
	domain = &domains[domain_count++];
	snprintf(domain->name, sizeof domain->name, "%s", name);
	domain->container_fd = -1;
	domain->endpoint_count = 0;
	return domain;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void leave_domain(struct endpoint *endpoint)
{
	struct domain *domain = endpoint->domain;

	close_fd(&endpoint->device_fd);
	if (domain != NULL) {
		ioctl(endpoint->group_fd, VFIO_GROUP_UNSET_CONTAINER);
		if (--domain->endpoint_count == 0)
			close_fd(&domain->container_fd);
	}
	close_fd(&endpoint->group_fd);
	endpoint->domain = NULL;
}

void drop_domains(void)
{
	domain_count = 0;
}

/* Opens the VFIO group of an endpoint that vfio-pci has. */
static bool open_group(struct endpoint *endpoint, struct answer *answer)
{
	struct vfio_group_status status = { .argsz = sizeof status };
	char group[MAX_NAME_BYTES], path[MAX_PATH_BYTES];

	if (!read_link_name(group, sizeof group, "/sys/bus/pci/devices/%s/iommu_group", endpoint->address)) {
		refuse(answer, "the kernel has no IOMMU group for %s: no IOMMU driver manages it", endpoint->name);
		return false;
	}
	snprintf(path, sizeof path, "/dev/vfio/%s", group);
	endpoint->group_fd = open(path, O_RDWR | O_CLOEXEC);
	if (endpoint->group_fd < 0 || ioctl(endpoint->group_fd, VFIO_GROUP_GET_STATUS, &status) != 0) {
		refuse(answer, "VFIO group %s cannot be opened: %s", group, strerror(errno));
		return false;
	}
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
		refuse(answer, "VFIO group %s has other functions that are in use", group);
		return false;
	}
	return true;
}

/* Joins the endpoint's group to the domain's container; the first one makes the IOMMU domain. */
static bool join_domain(struct endpoint *endpoint, struct domain *domain, struct answer *answer)
{
	bool first = domain->endpoint_count == 0;

	if (first)
		domain->container_fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (domain->container_fd < 0) {
		refuse(answer, "VFIO gives no container: %s", strerror(errno));
		return false;
	}
	bool joined = ioctl(endpoint->group_fd, VFIO_GROUP_SET_CONTAINER, &domain->container_fd) == 0;
	if (joined && first && ioctl(domain->container_fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0) {
		int error = errno;
		ioctl(endpoint->group_fd, VFIO_GROUP_UNSET_CONTAINER);
		errno = error;
		joined = false;
	}
	if (!joined) {
		refuse(answer, "the kernel did not attach %s to the domain: %s", endpoint->name, strerror(errno));
		if (first)
			close_fd(&domain->container_fd);
		return false;
	}
	endpoint->domain = domain;
	domain->endpoint_count++;
	return true;
}

/* Lets the function answer and master the bus, as a driver in user space would. */
static bool enable_function(struct endpoint *endpoint, struct answer *answer)
{
	struct vfio_region_info config = { .argsz = sizeof config, .index = VFIO_PCI_CONFIG_REGION_INDEX };
	uint16_t command;

	endpoint->device_fd = ioctl(endpoint->group_fd, VFIO_GROUP_GET_DEVICE_FD, endpoint->address);
	if (endpoint->device_fd < 0 || ioctl(endpoint->device_fd, VFIO_DEVICE_GET_REGION_INFO, &config) != 0 ||
	    pread(endpoint->device_fd, &command, sizeof command, (off_t)config.offset + PCI_COMMAND) < 0) {
		refuse(answer, "VFIO does not open %s: %s", endpoint->name, strerror(errno));
		return false;
	}
	command |= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	if (pwrite(endpoint->device_fd, &command, sizeof command, (off_t)config.offset + PCI_COMMAND) < 0) {
		refuse(answer, "VFIO does not switch %s on: %s", endpoint->name, strerror(errno));
		return false;
	}
	return true;
}

static bool move_into_domain(struct endpoint *endpoint, struct domain *domain, struct answer *answer)
{
	char driver[MAX_NAME_BYTES] = "";

	leave_domain(endpoint);
	if (!device_driver(endpoint->address, driver, sizeof driver) || strcmp(driver, VFIO_DRIVER) != 0) {
		unbind_device(endpoint->address);
		if (!bind_device(endpoint->address, VFIO_DRIVER)) {
			refuse(answer, VFIO_DRIVER " did not take %s: no IOMMU driver manages it", endpoint->name);
			return false;
		}
	}
	return open_group(endpoint, answer) && join_domain(endpoint, domain, answer) &&
	       enable_function(endpoint, answer);
}

static bool choose_domain_type(const struct endpoint *endpoint, const char *type)
{
	return write_file(type, "/sys/bus/pci/devices/%s/iommu_group/type", endpoint->address);
}

static void give_back(struct endpoint *endpoint)
{
	leave_domain(endpoint);
	unbind_device(endpoint->address);
	if (endpoint->passes_by)
		choose_domain_type(endpoint, "auto");
	endpoint->passes_by = false;
	bind_device(endpoint->address, NULL);
	bring_up(endpoint);
}

/* VFIO has no domains that do not translate. The kernel has one for each group, if no driver has any of its devices. */
static void let_pass_by(struct endpoint *endpoint, struct answer *answer)
{
	leave_domain(endpoint);
	unbind_device(endpoint->address);
	end_transfers(endpoint);
	/* A function that no driver has looked at is in no group yet. */
	if (bind_device(endpoint->address, VFIO_DRIVER))
		unbind_device(endpoint->address);
	endpoint->passes_by = is_function(endpoint->address) && choose_domain_type(endpoint, "identity");
	if (endpoint->passes_by) {
		switch_on(endpoint->address);
		return;
	}
	refuse(answer, "the kernel has no identity domain for %s: %s", endpoint->name, strerror(errno));
	give_back(endpoint);
}

void verb_attach(const struct command *command, struct answer *answer)
{
	const char *name, *bypass = optional_text(command, "bypass");
	struct endpoint *endpoint = endpoint_argument(command, answer);

	if (endpoint == NULL || !text_argument(command, answer, "domain", &name))
		return;
	if (!iommu_is_up()) {
		refuse(answer, "the IOMMU's driver is not up");
		return;
	}
	if (bypass != NULL && strcmp(bypass, "1") == 0) {
		let_pass_by(endpoint, answer);
		return;
	}
	struct domain *domain = domain_for(name, answer);
	if (domain == NULL || endpoint->domain == domain)
		return;
	if (!move_into_domain(endpoint, domain, answer))
		give_back(endpoint);
}

void verb_detach(const struct command *command, struct answer *answer)
{
	const char *name;
	struct endpoint *endpoint = endpoint_argument(command, answer);

	if (endpoint == NULL || !text_argument(command, answer, "domain", &name))
		return;
	if (!endpoint->passes_by && (endpoint->domain == NULL || endpoint->domain != find_domain(name))) {
		refuse(answer, "%s is not in that domain", endpoint->name);
		return;
	}
	give_back(endpoint);
}

/* What map and unmap have in common: a domain with an endpoint in it, and a range. */
static struct domain *ranged_domain(const struct command *command, struct answer *answer, uint64_t *iova,
				    uint64_t *length)
{
	const char *name;

	if (!text_argument(command, answer, "domain", &name) || !number_argument(command, answer, "iova", iova) ||
	    !number_argument(command, answer, "length", length))
		return NULL;
	struct domain *domain = find_domain(name);
	if (domain == NULL || domain->endpoint_count == 0) {
		refuse(answer, "no endpoint is in that domain");
		return NULL;
	}
	return domain;
}

void verb_map(const struct command *command, struct answer *answer)
{
	struct vfio_iommu_type1_dma_map map = { .argsz = sizeof map };
	const char *access, *name;
	uint64_t iova, length;
	struct domain *domain = ranged_domain(command, answer, &iova, &length);

	if (domain == NULL || !text_argument(command, answer, "access", &access) ||
	    !text_argument(command, answer, "buffer", &name))
		return;
	struct buffer *buffer = buffer_for(answer, name, length);
	if (buffer == NULL)
		return;
	map.flags = (strchr(access, 'r') != NULL ? VFIO_DMA_MAP_FLAG_READ : 0u) |
		    (strchr(access, 'w') != NULL ? VFIO_DMA_MAP_FLAG_WRITE : 0u);
	map.vaddr = (uintptr_t)buffer_memory(buffer);
	map.iova = iova;
	map.size = length;
	if (ioctl(domain->container_fd, VFIO_IOMMU_MAP_DMA, &map) != 0)
		refuse(answer, "the kernel did not map: %s", strerror(errno));
}

void verb_unmap(const struct command *command, struct answer *answer)
{
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof unmap };
	uint64_t iova, length;
	struct domain *domain = ranged_domain(command, answer, &iova, &length);

	if (domain == NULL)
		return;
	unmap.iova = iova;
	unmap.size = length;
	if (ioctl(domain->container_fd, VFIO_IOMMU_UNMAP_DMA, &unmap) != 0)
		refuse(answer, "the kernel did not unmap: %s", strerror(errno));
	else if (unmap.size != length)
		refuse(answer, "the kernel unmapped %llu bytes only", (unsigned long long)unmap.size);
}
