/* One function a verb: reads its arguments, calls the driver, and answers. */
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEEK_MAX 16384

const char vs_skip[] = "skip";

static const char *const missing_argument = "an argument is missing, or is no number";

static size_t alignment_of(const struct vs_service *service)
{
	return service->driver->buffer_alignment == NULL ? VS_PAGE : service->driver->buffer_alignment(service->context);
}

static struct vs_device *endpoint_of(const struct vs_service *service)
{
	const char *name = vs_command_word(service->command, "endpoint");

	return name == NULL ? NULL : vs_endpoint(service->machine, name);
}

static struct vs_buffer *buffer_of(const struct vs_service *service)
{
	const char *name = vs_command_word(service->command, "buffer");

	return name == NULL ? NULL : vs_buffer_find(&service->buffers, name);
}

/* 0 if the argument is missing or makes no sense. */
static unsigned access_of(const struct vs_service *service)
{
	const char *word = vs_command_word(service->command, "access");

	if (word == NULL)
		return 0;
	return strcmp(word, "r") == 0 ? VS_READABLE
	     : strcmp(word, "w") == 0 ? VS_WRITABLE
	     : strcmp(word, "rw") == 0 ? VS_READABLE | VS_WRITABLE
				       : 0;
}

static void answer_with(const struct vs_service *service, const char *problem, const char *key, const char *value)
{
	if (problem == NULL)
		vs_tap_ok(service->command->verb, key, value);
	else if (problem == vs_skip)
		vs_tap_skip(service->command->verb, "the driver has no such ability here");
	else
		vs_tap_refuse(service->command->verb, problem);
}

static void answer(const struct vs_service *service, const char *problem)
{
	answer_with(service, problem, NULL, NULL);
}

static void start(struct vs_service *service)
{
	const char *problem = service->up ? NULL : service->driver->start(service->context);

	service->up = problem == NULL;
	answer(service, problem);
}

static void stop(struct vs_service *service)
{
	const char *problem = service->driver->stop(service->context);

	service->up = false;
	vs_buffers_clear(&service->buffers);
	vs_names_clear(service->machine->names);
	answer(service, problem);
}

static void attach(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	const char *domain = vs_command_word(service->command, "domain");
	const char *bypass = vs_command_word(service->command, "bypass");

	if (endpoint == NULL || domain == NULL)
		answer(service, "there is no such endpoint, or no domain is named");
	else
		answer(service, service->driver->attach(service->context, endpoint, domain,
							bypass != NULL && strcmp(bypass, "1") == 0));
}

static void detach(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	const char *domain = vs_command_word(service->command, "domain");

	if (endpoint == NULL || domain == NULL)
		answer(service, "there is no such endpoint, or no domain is named");
	else
		answer(service, service->driver->detach(service->context, endpoint, domain));
}

static void map(struct vs_service *service)
{
	const char *domain = vs_command_word(service->command, "domain");
	const char *name = vs_command_word(service->command, "buffer");
	unsigned access = access_of(service);
	uint64_t iova, length;

	if (domain == NULL || name == NULL || access == 0 || !vs_command_number(service->command, "iova", &iova) ||
	    !vs_command_number(service->command, "length", &length) || length == 0) {
		answer(service, missing_argument);
		return;
	}
	struct vs_buffer *buffer = buffer_of(service);
	if (buffer == NULL)
		buffer = vs_buffer_make(&service->buffers, name, length, alignment_of(service));
	if (buffer == NULL)
		answer(service, "there is no memory for the buffer");
	else if (buffer->length < length)
		answer(service, "the buffer is shorter than that");
	else
		answer(service, service->driver->map(service->context, domain, iova, length, access, buffer));
}

static void unmap(struct vs_service *service)
{
	const char *domain = vs_command_word(service->command, "domain");
	uint64_t iova, length;

	if (domain == NULL || !vs_command_number(service->command, "iova", &iova) ||
	    !vs_command_number(service->command, "length", &length) || length == 0)
		answer(service, missing_argument);
	else
		answer(service, service->driver->unmap(service->context, domain, iova, length));
}

static void alloc(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	const char *name = vs_command_word(service->command, "buffer");
	unsigned access = access_of(service);
	uint64_t length, iova = 0;
	char text[24];

	if (endpoint == NULL || name == NULL || access == 0 || !vs_command_number(service->command, "length", &length) ||
	    length == 0) {
		answer(service, missing_argument);
		return;
	}
	if (buffer_of(service) != NULL) {
		answer(service, "the buffer is in use");
		return;
	}
	struct vs_buffer *buffer = vs_buffer_make(&service->buffers, name, length, alignment_of(service));
	const char *problem = buffer == NULL ? "there is no memory for the buffer"
					     : service->driver->alloc(service->context, endpoint, buffer, access, &iova);
	if (problem != NULL && buffer != NULL)
		vs_buffer_remove(&service->buffers, buffer);
	snprintf(text, sizeof text, "0x%" PRIx64, iova);
	answer_with(service, problem, "iova", text);
}

static void free_buffer(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	struct vs_buffer *buffer = buffer_of(service);

	if (endpoint == NULL || buffer == NULL) {
		answer(service, "there is no such endpoint or no such buffer");
		return;
	}
	const char *problem = service->driver->free(service->context, endpoint, buffer);
	if (problem == NULL)
		vs_buffer_remove(&service->buffers, buffer);
	answer(service, problem);
}

static void io(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	uint64_t length, moved = 0;
	char text[24];

	if (endpoint == NULL || !vs_command_number(service->command, "length", &length) || length == 0) {
		answer(service, missing_argument);
		return;
	}
	const char *problem = service->driver->io(service->context, endpoint, length, &moved);
	snprintf(text, sizeof text, "%" PRIu64, moved);
	answer_with(service, problem, "bytes", text);
}

/* The bytes of the named buffer from `offset` on, or NULL if they are not all in it. */
static unsigned char *bytes_of(const struct vs_service *service, uint64_t length)
{
	struct vs_buffer *buffer = buffer_of(service);
	uint64_t offset;

	if (buffer == NULL || !vs_command_number(service->command, "offset", &offset))
		return NULL;
	if (offset > buffer->memory.size || length > buffer->memory.size - offset)
		return NULL;
	return (unsigned char *)buffer->memory.cpu + offset;
}

static void poke(struct vs_service *service)
{
	const char *hex = vs_command_word(service->command, "bytes");
	size_t digits = hex == NULL ? 0 : strspn(hex, "0123456789abcdefABCDEF");
	unsigned char *bytes = bytes_of(service, digits / 2);

	if (hex == NULL || hex[digits] != '\0' || digits % 2 != 0 || bytes == NULL) {
		answer(service, "the buffer has no such bytes, or they are not in hexadecimal");
		return;
	}
	for (size_t at = 0; at < digits / 2; at++) {
		const char pair[3] = { hex[2 * at], hex[2 * at + 1], '\0' };
		bytes[at] = (unsigned char)strtoul(pair, NULL, 16);
	}
	answer(service, NULL);
}

static void peek(struct vs_service *service)
{
	static char text[2 * PEEK_MAX + 1];
	uint64_t length;

	if (!vs_command_number(service->command, "length", &length) || length == 0 || length > PEEK_MAX) {
		answer(service, "length has to be a number from 1 to 16384");
		return;
	}
	const unsigned char *bytes = bytes_of(service, length);
	if (bytes == NULL) {
		answer(service, "the buffer has no such bytes");
		return;
	}
	for (size_t at = 0; at < length; at++)
		snprintf(text + 2 * at, 3, "%02x", bytes[at]);
	answer_with(service, NULL, "bytes", text);
}

static void bypass(struct vs_service *service)
{
	uint64_t value;

	if (!vs_command_number(service->command, "value", &value) || value > 1)
		answer(service, "value has to be 0 or 1");
	else
		answer(service, service->driver->bypass(service->context, value == 1));
}

static void answer_list(const struct vs_service *service, const char *problem, const struct vs_list *list)
{
	if (problem != NULL)
		answer(service, problem);
	else
		vs_tap_list(service->command->verb, service->command->verb, list);
}

static char list_lines[VS_LIST_MAX][80];

static void regions(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	struct vs_list list = { .lines = list_lines };

	if (endpoint == NULL)
		answer(service, "there is no such endpoint");
	else
		answer_list(service, service->driver->regions(service->context, endpoint, &list), &list);
}

static void faults(struct vs_service *service)
{
	struct vs_list list = { .lines = list_lines };

	answer_list(service, service->driver->faults(service->context, &list), &list);
}

/* Verbs that take an endpoint and nothing else. */
static void with_endpoint(struct vs_service *service, const char *(*callback)(void *context, struct vs_device *endpoint))
{
	struct vs_device *endpoint = endpoint_of(service);

	answer(service, endpoint == NULL ? "there is no such endpoint" : callback(service->context, endpoint));
}

static void release(struct vs_service *service)
{
	with_endpoint(service, service->driver->release);
}

static void resize(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	uint64_t size = 0;
	bool is_whole = endpoint != NULL && vs_command_number(service->command, "size", &size);

	answer(service, is_whole ? service->driver->resize(service->context, endpoint, size) : missing_argument);
}

static void plug(struct vs_service *service)
{
	with_endpoint(service, service->driver->plug);
}

static void unplug(struct vs_service *service)
{
	with_endpoint(service, service->driver->unplug);
}

static void lose_iommu(struct vs_service *service)
{
	service->up = false;
	answer(service, service->driver->lose_iommu(service->context));
}

static void reset_queue(struct vs_service *service)
{
	const char *queue = vs_command_word(service->command, "queue");

	if (queue == NULL)
		answer(service, missing_argument);
	else
		answer(service, service->driver->reset_queue(service->context, queue));
}

static void suspend(struct vs_service *service)
{
	answer(service, service->driver->suspend(service->context));
}

static void resume(struct vs_service *service)
{
	answer(service, service->driver->resume(service->context));
}

typedef void (*callback)(void);

struct verb {
	const char *name;
	void (*run)(struct vs_service *service);
	/* Where the driver has its callback. */
	size_t callback;
	/* Whether the driver first looks at what has happened since the last command. */
	bool attends;
};

/* Named buffers come into being by `map` and `alloc` alone. */
static const struct verb verbs[] = {
	{ "start", start, offsetof(struct vs_driver, start), false },
	{ "stop", stop, offsetof(struct vs_driver, stop), false },
	{ "attach", attach, offsetof(struct vs_driver, attach), true },
	{ "detach", detach, offsetof(struct vs_driver, detach), true },
	{ "map", map, offsetof(struct vs_driver, map), true },
	{ "unmap", unmap, offsetof(struct vs_driver, unmap), true },
	{ "alloc", alloc, offsetof(struct vs_driver, alloc), true },
	{ "free", free_buffer, offsetof(struct vs_driver, free), true },
	{ "io", io, offsetof(struct vs_driver, io), true },
	{ "poke", poke, offsetof(struct vs_driver, map), true },
	{ "poke", poke, offsetof(struct vs_driver, alloc), true },
	{ "peek", peek, offsetof(struct vs_driver, map), true },
	{ "peek", peek, offsetof(struct vs_driver, alloc), true },
	{ "bypass", bypass, offsetof(struct vs_driver, bypass), true },
	{ "regions", regions, offsetof(struct vs_driver, regions), true },
	{ "faults", faults, offsetof(struct vs_driver, faults), true },
	{ "release", release, offsetof(struct vs_driver, release), true },
	{ "resize", resize, offsetof(struct vs_driver, resize), true },
	{ "reset-queue", reset_queue, offsetof(struct vs_driver, reset_queue), true },
	{ "suspend", suspend, offsetof(struct vs_driver, suspend), true },
	{ "resume", resume, offsetof(struct vs_driver, resume), true },
	{ "plug", plug, offsetof(struct vs_driver, plug), true },
	{ "unplug", unplug, offsetof(struct vs_driver, unplug), true },
	{ "lose-iommu", lose_iommu, offsetof(struct vs_driver, lose_iommu), true },
};

static bool offers(const struct vs_driver *driver, const struct verb *verb)
{
	callback it;

	memcpy(&it, (const char *)driver + verb->callback, sizeof it);
	return it != NULL;
}

void vs_obey(struct vs_service *service)
{
	for (size_t index = 0; index < sizeof verbs / sizeof verbs[0]; index++) {
		const struct verb *verb = &verbs[index];

		if (strcmp(verb->name, service->command->verb) != 0 || !offers(service->driver, verb))
			continue;
		if (verb->attends && service->driver->attend != NULL)
			service->driver->attend(service->context);
		verb->run(service);
		return;
	}
	vs_tap_skip(service->command->verb, "the driver has no such verb");
}
