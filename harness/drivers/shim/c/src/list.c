/* Lists in answers: reserved regions and faults, in the contract's words. */
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>

void vs_add_region(struct vs_list *list, uint64_t first, uint64_t last, bool msi)
{
	if (list->count < VS_LIST_MAX)
		snprintf(list->lines[list->count++], sizeof list->lines[0], "0x%" PRIx64 " 0x%" PRIx64 " %s", first, last,
			 msi ? "msi" : "reserved");
}

void vs_add_fault(struct vs_list *list, const char *reason, uint32_t endpoint, const uint64_t *address)
{
	if (list->count == VS_LIST_MAX)
		return;
	char *line = list->lines[list->count++];
	int length = snprintf(line, sizeof list->lines[0], "%.10s endpoint=0x%" PRIx32, reason, endpoint);
	if (address != NULL)
		snprintf(line + length, sizeof list->lines[0] - (size_t)length, " address=0x%" PRIx64, *address);
}
