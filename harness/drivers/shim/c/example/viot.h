/* The ACPI table VIOT: which devices sit behind the IOMMU, and by which IDs it knows them. */
#ifndef VIOT_H
#define VIOT_H

#include "viommuspec.h"

/* The ID of `endpoint` behind `iommu`. False if the table does not put it there, or is no sound table. */
bool viot_endpoint_id(const struct vs_machine *machine, const struct vs_device *iommu, const struct vs_device *endpoint,
		      uint32_t *id);

#endif
