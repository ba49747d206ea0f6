/* What the parts of the library know of each other. */
#ifndef VIOMMUSPEC_INTERNAL_H
#define VIOMMUSPEC_INTERNAL_H

#include "viommuspec.h"

#include <stdnoreturn.h>

#define VS_PAGE ((size_t)4096)

/* Where guest memory begins: beyond 32 bits, so that a driver which drops the upper half is found out. */
#define VS_MEMORY_BASE UINT64_C(0x100000000)

/* A sentence for the log. */
__attribute__((format(printf, 1, 2))) void vs_log(const char *format, ...);

/* Connects to the vfio-user socket at `path` and wires every interrupt. NULL, with a sentence in the log, if it fails. */
struct vs_connection *vs_connect(const char *path);
void vs_disconnect(struct vs_connection *connection);
/* Lets the device reach `size` bytes of the file `memory_fd` at `physical`. */
bool vs_share_memory(struct vs_connection *connection, int memory_fd, uint64_t physical, size_t size);

/* Zeroed memory in a file of its own, in pages. NULL, with a sentence in the log, if there is none. */
struct vs_memory_pool *vs_pool_open(size_t size);
void vs_pool_close(struct vs_memory_pool *pool);
int vs_pool_fd(const struct vs_memory_pool *pool);
size_t vs_pool_size(const struct vs_memory_pool *pool);

/* Names that have a number. */
struct vs_names {
	char **entries;
	size_t count;
};

void vs_names_clear(struct vs_names *names);

/* The buffers of the harness. */
struct vs_buffers {
	struct vs_machine *machine;
	struct vs_buffer **entries;
	size_t count;
};

struct vs_buffer *vs_buffer_find(const struct vs_buffers *buffers, const char *name);
/* A new buffer; NULL if there is no memory. */
struct vs_buffer *vs_buffer_make(struct vs_buffers *buffers, const char *name, uint64_t length, size_t alignment);
void vs_buffer_remove(struct vs_buffers *buffers, struct vs_buffer *buffer);
void vs_buffers_clear(struct vs_buffers *buffers);

/* One command: a verb and words of the form key=value, all in one line that stays where it is. */
#define VS_WORDS_MAX 16
struct vs_command {
	const char *verb;
	const char *keys[VS_WORDS_MAX];
	const char *values[VS_WORDS_MAX];
	size_t count;
};

/* Cuts `line` into words, in place. */
void vs_command_read(struct vs_command *command, char *line);
/* The value of `key`, or NULL. */
const char *vs_command_word(const struct vs_command *command, const char *key);
/* A decimal or 0x number; false if it is missing or none. */
bool vs_command_number(const struct vs_command *command, const char *key, uint64_t *value);

/* Everything that a verb needs. */
struct vs_service {
	struct vs_machine *machine;
	const struct vs_driver *driver;
	void *context;
	struct vs_buffers buffers;
	/* The driver came up, and was not taken down since. */
	bool up;
	/* The command at hand. */
	const struct vs_command *command;
};

/* Carries the command out and answers it. */
void vs_obey(struct vs_service *service);

/* The buffer that the command names, or NULL. */
struct vs_buffer *vs_buffer_of(const struct vs_service *service);
/* `problem` is NULL, a sentence, or vs_skip; `key` and `value` are the one value of an answer, or NULL. */
void vs_answer_with(const struct vs_service *service, const char *problem, const char *key, const char *value);
void vs_answer(const struct vs_service *service, const char *problem);
void vs_poke(struct vs_service *service);
void vs_peek(struct vs_service *service);

/* Entries of an answer, one text each; what does not fit is left out. */
#define VS_LIST_MAX 2000
struct vs_list {
	char (*lines)[80];
	size_t count;
};

/* The TAP stream. `key` and `value` are the one value of an answer; NULL: it has none. */
void vs_tap_begin(void);
void vs_tap_ok(const char *verb, const char *key, const char *value);
void vs_tap_list(const char *verb, const char *key, const struct vs_list *list);
void vs_tap_refuse(const char *verb, const char *sentence);
void vs_tap_skip(const char *verb, const char *reason);
void vs_tap_end(void);

#endif
