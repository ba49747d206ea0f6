/* Names of the harness, numbered in the order in which they come. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

uint32_t vs_number(struct vs_machine *machine, const char *name)
{
	struct vs_names *names = machine->names;

	for (size_t index = 0; index < names->count; index++)
		if (strcmp(names->entries[index], name) == 0)
			return (uint32_t)index + 1;
	char **entries = realloc(names->entries, (names->count + 1) * sizeof *entries);
	if (entries == NULL)
		return 0;
	names->entries = entries;
	entries[names->count] = strdup(name);
	return entries[names->count] == NULL ? 0 : (uint32_t)++names->count;
}

void vs_names_clear(struct vs_names *names)
{
	for (size_t index = 0; index < names->count; index++)
		free(names->entries[index]);
	free(names->entries);
	*names = (struct vs_names){ .count = 0 };
}
