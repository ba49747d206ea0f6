/* Buffers by the names that the harness gives them. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vs_buffer *vs_buffer_find(const struct vs_buffers *buffers, const char *name)
{
	for (size_t index = 0; index < buffers->count; index++)
		if (strcmp(buffers->entries[index]->name, name) == 0)
			return buffers->entries[index];
	return NULL;
}

struct vs_buffer *vs_buffer_make(struct vs_buffers *buffers, const char *name, uint64_t length, size_t alignment)
{
	struct vs_buffer **entries = realloc(buffers->entries, (buffers->count + 1) * sizeof(struct vs_buffer *));
	struct vs_buffer *buffer = calloc(1, sizeof *buffer);

	if (entries != NULL)
		buffers->entries = entries;
	if (entries == NULL || buffer == NULL || length > SIZE_MAX / 2 ||
	    !vs_allocate(buffers->machine, (size_t)length, alignment, &buffer->memory)) {
		free(buffer);
		return NULL;
	}
	snprintf(buffer->name, sizeof buffer->name, "%s", name);
	buffer->length = length;
	buffers->entries[buffers->count++] = buffer;
	return buffer;
}

void vs_buffer_remove(struct vs_buffers *buffers, struct vs_buffer *buffer)
{
	for (size_t index = 0; index < buffers->count; index++) {
		if (buffers->entries[index] != buffer)
			continue;
		buffers->entries[index] = buffers->entries[--buffers->count];
		vs_release(buffers->machine, &buffer->memory);
		free(buffer);
		return;
	}
}

void vs_buffers_clear(struct vs_buffers *buffers)
{
	while (buffers->count > 0)
		vs_buffer_remove(buffers, buffers->entries[buffers->count - 1]);
	free(buffers->entries);
	buffers->entries = NULL;
}
