/* One function a verb: reads its arguments, calls the driver, and answers. */
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

struct vs_buffer *vs_buffer_of(const struct vs_service *service)
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

void vs_answer_with(const struct vs_service *service, const char *problem, const char *key, const char *value)
{
	if (problem == NULL)
		vs_tap_ok(service->command->verb, key, value);
	else if (problem == vs_skip)
		vs_tap_skip(service->command->verb, "the driver has no such ability here");
	else
		vs_tap_refuse(service->command->verb, problem);
}

void vs_answer(const struct vs_service *service, const char *problem)
{
	vs_answer_with(service, problem, NULL, NULL);
}

static void start(struct vs_service *service)
{
	const char *problem = service->up ? NULL : service->driver->start(service->context);

	service->up = problem == NULL;
	vs_answer(service, problem);
}

static void stop(struct vs_service *service)
{
	const char *problem = service->driver->stop(service->context);

	service->up = false;
	vs_buffers_clear(&service->buffers);
	vs_names_clear(service->machine->names);
	vs_answer(service, problem);
}

static void attach(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	const char *domain = vs_command_word(service->command, "domain");
	const char *bypass = vs_command_word(service->command, "bypass");

	if (endpoint == NULL || domain == NULL)
		vs_answer(service, "there is no such endpoint, or no domain is named");
	else
		vs_answer(service, service->driver->attach(service->context, endpoint, domain,
							bypass != NULL && strcmp(bypass, "1") == 0));
}

static void detach(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	const char *domain = vs_command_word(service->command, "domain");

	if (endpoint == NULL || domain == NULL)
		vs_answer(service, "there is no such endpoint, or no domain is named");
	else
		vs_answer(service, service->driver->detach(service->context, endpoint, domain));
}

static void map(struct vs_service *service)
{
	const char *domain = vs_command_word(service->command, "domain");
	const char *name = vs_command_word(service->command, "buffer");
	unsigned access = access_of(service);
	uint64_t iova, length;

	if (domain == NULL || name == NULL || access == 0 || !vs_command_number(service->command, "iova", &iova) ||
	    !vs_command_number(service->command, "length", &length) || length == 0) {
		vs_answer(service, missing_argument);
		return;
	}
	struct vs_buffer *buffer = vs_buffer_of(service);
	if (buffer == NULL)
		buffer = vs_buffer_make(&service->buffers, name, length, alignment_of(service));
	if (buffer == NULL)
		vs_answer(service, "there is no memory for the buffer");
	else if (buffer->length < length)
		vs_answer(service, "the buffer is shorter than that");
	else
		vs_answer(service, service->driver->map(service->context, domain, iova, length, access, buffer));
}

static void unmap(struct vs_service *service)
{
	const char *domain = vs_command_word(service->command, "domain");
	uint64_t iova, length;

	if (domain == NULL || !vs_command_number(service->command, "iova", &iova) ||
	    !vs_command_number(service->command, "length", &length) || length == 0)
		vs_answer(service, missing_argument);
	else
		vs_answer(service, service->driver->unmap(service->context, domain, iova, length));
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
		vs_answer(service, missing_argument);
		return;
	}
	if (vs_buffer_of(service) != NULL) {
		vs_answer(service, "the buffer is in use");
		return;
	}
	struct vs_buffer *buffer = vs_buffer_make(&service->buffers, name, length, alignment_of(service));
	const char *problem = buffer == NULL ? "there is no memory for the buffer"
					     : service->driver->alloc(service->context, endpoint, buffer, access, &iova);
	if (problem != NULL && buffer != NULL)
		vs_buffer_remove(&service->buffers, buffer);
	snprintf(text, sizeof text, "0x%" PRIx64, iova);
	vs_answer_with(service, problem, "iova", text);
}

static void free_buffer(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	struct vs_buffer *buffer = vs_buffer_of(service);

	if (endpoint == NULL || buffer == NULL) {
		vs_answer(service, "there is no such endpoint or no such buffer");
		return;
	}
	const char *problem = service->driver->free(service->context, endpoint, buffer);
	if (problem == NULL)
		vs_buffer_remove(&service->buffers, buffer);
	vs_answer(service, problem);
}

static void io(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	uint64_t length, moved = 0;
	char text[24];

	if (endpoint == NULL || !vs_command_number(service->command, "length", &length) || length == 0) {
		vs_answer(service, missing_argument);
		return;
	}
	const char *problem = service->driver->io(service->context, endpoint, length, &moved);
	snprintf(text, sizeof text, "%" PRIu64, moved);
	vs_answer_with(service, problem, "bytes", text);
}

static void bypass(struct vs_service *service)
{
	uint64_t value;

	if (!vs_command_number(service->command, "value", &value) || value > 1)
		vs_answer(service, "value has to be 0 or 1");
	else
		vs_answer(service, service->driver->bypass(service->context, value == 1));
}

static void answer_list(const struct vs_service *service, const char *problem, const struct vs_list *list)
{
	if (problem != NULL)
		vs_answer(service, problem);
	else
		vs_tap_list(service->command->verb, service->command->verb, list);
}

static char list_lines[VS_LIST_MAX][80];

static void regions(struct vs_service *service)
{
	struct vs_device *endpoint = endpoint_of(service);
	struct vs_list list = { .lines = list_lines };

	if (endpoint == NULL)
		vs_answer(service, "there is no such endpoint");
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

	vs_answer(service, endpoint == NULL ? "there is no such endpoint" : callback(service->context, endpoint));
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

	vs_answer(service, is_whole ? service->driver->resize(service->context, endpoint, size) : missing_argument);
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
	vs_answer(service, service->driver->lose_iommu(service->context));
}

static void shut_down(struct vs_service *service)
{
	service->up = false;
	vs_answer(service, service->driver->shutdown(service->context));
}

static void end_domain(struct vs_service *service)
{
	const char *domain = vs_command_word(service->command, "domain");

	vs_answer(service, domain == NULL ? missing_argument : service->driver->end_domain(service->context, domain));
}

static void reset_queue(struct vs_service *service)
{
	const char *queue = vs_command_word(service->command, "queue");

	if (queue == NULL)
		vs_answer(service, missing_argument);
	else
		vs_answer(service, service->driver->reset_queue(service->context, queue));
}

static void suspend(struct vs_service *service)
{
	vs_answer(service, service->driver->suspend(service->context));
}

static void resume(struct vs_service *service)
{
	vs_answer(service, service->driver->resume(service->context));
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
	{ "poke", vs_poke, offsetof(struct vs_driver, map), true },
	{ "poke", vs_poke, offsetof(struct vs_driver, alloc), true },
	{ "peek", vs_peek, offsetof(struct vs_driver, map), true },
	{ "peek", vs_peek, offsetof(struct vs_driver, alloc), true },
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
	{ "end-domain", end_domain, offsetof(struct vs_driver, end_domain), true },
	{ "shutdown", shut_down, offsetof(struct vs_driver, shutdown), true },
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
