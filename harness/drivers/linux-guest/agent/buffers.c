/* Buffers: memory with names, which the harness maps and looks into. */
#include "agent.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_BUFFERS 64
/* Address space is set aside for this much; memory is taken as it is asked for. */
#define MAX_BUFFER_BYTES (64ull << 20)
#define MAX_PEEK_BYTES 16384

struct buffer {
	char name[MAX_NAME_BYTES];
	unsigned char *memory;
	/* Bytes that are there; the rest is only address space. */
	uint64_t length;
};

static struct buffer buffers[MAX_BUFFERS];
static int buffer_count;

static struct buffer *find_buffer(const char *name)
{
	for (int index = 0; index < buffer_count; index++)
		if (strcmp(buffers[index].name, name) == 0)
			return &buffers[index];
	return NULL;
}

static struct buffer *make_buffer(struct answer *answer, const char *name)
{
	if (buffer_count == MAX_BUFFERS || strlen(name) >= MAX_NAME_BYTES) {
		refuse(answer, "there are %d buffers already, or the name is too long", buffer_count);
		return NULL;
	}
	void *memory = mmap(NULL, MAX_BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			    -1, 0);
	if (memory == MAP_FAILED) {
		refuse(answer, "no address space for another buffer");
		return NULL;
	}
	/* Huge pages would make the number of MAP requests depend on luck; a copy in a child would move pinned pages. */
	madvise(memory, MAX_BUFFER_BYTES, MADV_NOHUGEPAGE);
	madvise(memory, MAX_BUFFER_BYTES, MADV_DONTFORK);
	struct buffer *buffer = &buffers[buffer_count++];
	snprintf(buffer->name, sizeof buffer->name, "%s", name);
	buffer->memory = memory;
	buffer->length = 0;
	return buffer;
}

struct buffer *buffer_for(struct answer *answer, const char *name, uint64_t length)
{
	if (length > MAX_BUFFER_BYTES) {
		refuse(answer, "a buffer has at most %llu bytes", MAX_BUFFER_BYTES);
		return NULL;
	}
	struct buffer *buffer = find_buffer(name);
	if (buffer == NULL)
		buffer = make_buffer(answer, name);
	if (buffer != NULL && length > buffer->length) {
		memset(buffer->memory + buffer->length, 0, length - buffer->length);
		buffer->length = length;
	}
	return buffer;
}

void *buffer_memory(struct buffer *buffer)
{
	return buffer->memory;
}

void drop_buffers(void)
{
	for (int index = 0; index < buffer_count; index++)
		munmap(buffers[index].memory, MAX_BUFFER_BYTES);
	buffer_count = 0;
}

/* The existing buffer that a poke or peek is about, if `length` bytes from `offset` are in it. */
static struct buffer *accessed_buffer(const struct command *command, struct answer *answer, uint64_t *offset,
				      uint64_t length)
{
	const char *name;

	if (!text_argument(command, answer, "buffer", &name) || !number_argument(command, answer, "offset", offset))
		return NULL;
	struct buffer *buffer = find_buffer(name);
	if (buffer == NULL)
		refuse(answer, "there is no buffer of that name");
	else if (*offset > buffer->length || length > buffer->length - *offset)
		refuse(answer, "the buffer has %llu bytes only", (unsigned long long)buffer->length);
	else
		return buffer;
	return NULL;
}

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = strchr(digits, digit | 0x20);

	return digit == '\0' || found == NULL ? -1 : (int)(found - digits);
}

void verb_poke(const struct command *command, struct answer *answer)
{
	const char *bytes;
	uint64_t offset;

	if (!text_argument(command, answer, "bytes", &bytes))
		return;
	size_t digits = strlen(bytes);
	for (size_t index = 0; index < digits; index++)
		if (digits % 2 != 0 || hex_digit(bytes[index]) < 0) {
			refuse(answer, "the argument bytes is not made of pairs of hex digits");
			return;
		}
	struct buffer *buffer = accessed_buffer(command, answer, &offset, digits / 2);
	for (size_t index = 0; buffer != NULL && index < digits / 2; index++)
		buffer->memory[offset + index] =
			(unsigned char)(hex_digit(bytes[2 * index]) << 4 | hex_digit(bytes[2 * index + 1]));
}

void verb_peek(const struct command *command, struct answer *answer)
{
	uint64_t offset, length;

	if (!number_argument(command, answer, "length", &length))
		return;
	if (length > MAX_PEEK_BYTES) {
		refuse(answer, "at most %d bytes can be peeked at", MAX_PEEK_BYTES);
		return;
	}
	const struct buffer *buffer = accessed_buffer(command, answer, &offset, length);
	if (buffer == NULL)
		return;
	add_value(answer, "  bytes: \"");
	for (uint64_t index = 0; index < length; index++)
		add_value(answer, "%02x", buffer->memory[offset + index]);
	add_value(answer, "\"\n");
}
