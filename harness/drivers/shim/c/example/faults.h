/* Mistakes that the driver makes on request, to show what a failing run looks like, and habits that are legal and seldom. */
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

/* Names of habits, by the variable EXAMPLE_HABITS, with commas between them. */
#define HABIT_BOUNCE "keeps-bounce-buffers"
#define HABIT_TEARDOWN "unmaps-by-teardown"
#define HABIT_NUMBERS_ONCE "domain-numbers-used-once"
#define HABIT_BYPASS_TWICE "bypass-written-twice"
#define HABIT_ONE_EVENT_BUFFER "one-event-buffer"
#define HABIT_NEWEST_FAULT "newest-fault-only"

bool has_habit(const char *name);

#endif
