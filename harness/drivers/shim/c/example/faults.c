#include "faults.h"

#include <stdlib.h>
#include <string.h>

bool has_fault(const char *name)
{
	const char *chosen = getenv("EXAMPLE_FAULT");

	return chosen != NULL && strcmp(chosen, name) == 0;
}
