/* The verbs by which the harness looks into a buffer and writes to it. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEEK_MAX 16384

/* The bytes of the named buffer from `offset` on, or NULL if they are not all in it. */
static unsigned char *bytes_of(const struct vs_service *service, uint64_t length)
{
	struct vs_buffer *buffer = vs_buffer_of(service);
	uint64_t offset;

	if (buffer == NULL || !vs_command_number(service->command, "offset", &offset))
		return NULL;
	if (offset > buffer->memory.size || length > buffer->memory.size - offset)
		return NULL;
	return (unsigned char *)buffer->memory.cpu + offset;
}

void vs_poke(struct vs_service *service)
{
	const char *hex = vs_command_word(service->command, "bytes");
	size_t digits = hex == NULL ? 0 : strspn(hex, "0123456789abcdefABCDEF");
	unsigned char *bytes = bytes_of(service, digits / 2);

	if (hex == NULL || hex[digits] != '\0' || digits % 2 != 0 || bytes == NULL) {
		vs_answer(service, "the buffer has no such bytes, or they are not in hexadecimal");
		return;
	}
	for (size_t at = 0; at < digits / 2; at++) {
		const char pair[3] = { hex[2 * at], hex[2 * at + 1], '\0' };
		bytes[at] = (unsigned char)strtoul(pair, NULL, 16);
	}
	vs_answer(service, NULL);
}

void vs_peek(struct vs_service *service)
{
	static char text[2 * PEEK_MAX + 1];
	uint64_t length;

	if (!vs_command_number(service->command, "length", &length) || length == 0 || length > PEEK_MAX) {
		vs_answer(service, "length has to be a number from 1 to 16384");
		return;
	}
	const unsigned char *bytes = bytes_of(service, length);
	if (bytes == NULL) {
		vs_answer(service, "the buffer has no such bytes");
		return;
	}
	for (size_t at = 0; at < length; at++)
		snprintf(text + 2 * at, 3, "%02x", bytes[at]);
	vs_answer_with(service, NULL, "bytes", text);
}
