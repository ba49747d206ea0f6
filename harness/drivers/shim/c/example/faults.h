/* Mistakes that the driver makes on request, to show what a failing run looks like. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>

/* Names of mistakes, by the variable EXAMPLE_FAULT of the environment. */
#define FAULT_UNMAP_NEVER_SENT "unmap-never-sent"
#define FAULT_END_EXCLUSIVE "end-exclusive"
#define FAULT_IGNORES_RESERVED_REGIONS "ignores-reserved-regions"
#define FAULT_BDF_FOR_ENDPOINT_ID "bdf-for-endpoint-id"
#define FAULT_IGNORES_STATUS "ignores-status"

bool has_fault(const char *name);

#endif
