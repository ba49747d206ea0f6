#include "viot.h"

#include <string.h>

enum { NODE_PCI_RANGE = 1, NODE_MMIO_ENDPOINT = 2, NODE_PCI_IOMMU = 3, NODE_MMIO_IOMMU = 4 };

#define HEADER_SIZE 48
#define NODE_COUNT 36
#define NODE_OFFSET 38
#define NODE_SIZE_MIN 4

/* A little-endian number; 0 where the table has ended. */
static uint64_t number(const struct vs_machine *machine, size_t offset, unsigned width)
{
	uint64_t value = 0;

	if (offset > machine->topology_size || width > machine->topology_size - offset)
		return 0;
	for (unsigned byte = 0; byte < width; byte++)
		value |= (uint64_t)machine->topology[offset + byte] << (8 * byte);
	return value;
}

static bool is_sound(const struct vs_machine *machine)
{
	uint8_t sum = 0;

	if (machine->topology_size < HEADER_SIZE || memcmp(machine->topology, "VIOT", 4) != 0 ||
	    number(machine, 4, 4) != machine->topology_size)
		return false;
	for (size_t byte = 0; byte < machine->topology_size; byte++)
		sum = (uint8_t)(sum + machine->topology[byte]);
	return sum == 0;
}

/* Whether the node at `offset` is the IOMMU that this driver drives. */
static bool is_iommu(const struct vs_machine *machine, size_t offset, const struct vs_device *iommu)
{
	switch (number(machine, offset, 1)) {
	case NODE_PCI_IOMMU:
		return iommu->bus == VS_PCI && number(machine, offset + 4, 2) == 0 && number(machine, offset + 6, 2) == iommu->bdf;
	case NODE_MMIO_IOMMU:
		return iommu->bus == VS_MMIO && number(machine, offset + 8, 8) == iommu->address;
	default:
		return false;
	}
}

/* PCI range: first ID, segments, BDFs, IOMMU. There is one segment here, number 0. */
static bool in_range(const struct vs_machine *machine, size_t node, const struct vs_device *iommu,
		     const struct vs_device *endpoint, uint32_t *id)
{
	uint64_t first = number(machine, node + 12, 2);
	uint64_t last = number(machine, node + 14, 2);

	if (endpoint->bus != VS_PCI || number(machine, node + 8, 2) != 0 || endpoint->bdf < first || endpoint->bdf > last ||
	    !is_iommu(machine, number(machine, node + 16, 2), iommu))
		return false;
	*id = (uint32_t)(number(machine, node + 4, 4) + endpoint->bdf - first);
	return true;
}

static bool in_window(const struct vs_machine *machine, size_t node, const struct vs_device *iommu,
		      const struct vs_device *endpoint, uint32_t *id)
{
	if (endpoint->bus != VS_MMIO || number(machine, node + 8, 8) != endpoint->address ||
	    !is_iommu(machine, number(machine, node + 16, 2), iommu))
		return false;
	*id = (uint32_t)number(machine, node + 4, 4);
	return true;
}

bool viot_endpoint_id(const struct vs_machine *machine, const struct vs_device *iommu, const struct vs_device *endpoint,
		      uint32_t *id)
{
	if (!is_sound(machine))
		return false;
	size_t node = number(machine, NODE_OFFSET, 2);
	for (uint64_t left = number(machine, NODE_COUNT, 2); left > 0; left--) {
		uint64_t type = number(machine, node, 1);
		uint64_t size = number(machine, node + 2, 2);

		if (size < NODE_SIZE_MIN)
			return false;
		if (type == NODE_PCI_RANGE && in_range(machine, node, iommu, endpoint, id))
			return true;
		if (type == NODE_MMIO_ENDPOINT && in_window(machine, node, iommu, endpoint, id))
			return true;
		node += size;
	}
	return false;
}
