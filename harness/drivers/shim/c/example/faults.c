#include "faults.h"

#include <stdlib.h>
#include <string.h>

bool has_fault(const char *name)
{
	const char *chosen = getenv("EXAMPLE_FAULT");

	return chosen != NULL && strcmp(chosen, name) == 0;
}

bool has_habit(const char *name)
{
	const char *chosen = getenv("EXAMPLE_HABITS");
	size_t length = strlen(name);

	for (; chosen != NULL; chosen = strchr(chosen, ',')) {
		chosen += *chosen == ',';
		if (strncmp(chosen, name, length) == 0 && (chosen[length] == ',' || chosen[length] == '\0'))
			return true;
	}
	return false;
}
