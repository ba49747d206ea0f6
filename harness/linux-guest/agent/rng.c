/*
 * io: the kernel's own driver of a virtio-rng endpoint does transfers because somebody reads /dev/hwrng.
 * The driver moves 64 bytes a request and keeps one request in flight ahead of its reader, so a read of n bytes makes
 * it send at least n / 64 requests, rounded up.
 */
#include "agent.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRANSFER_BYTES 64
#define MAX_IO_BYTES (1u << 20)
/* Fifty times what a transfer takes. */
#define IO_TIMEOUT_MS 1000
#define HW_RANDOM "/sys/class/misc/hw_random/"
#define RNG_DRIVER "virtio_rng"

static bool is_up(const struct endpoint *endpoint)
{
	char driver[MAX_NAME_BYTES];

	return virtio_device(endpoint->address, driver, sizeof driver) >= 0 && strcmp(driver, RNG_DRIVER) == 0;
}

static bool is_word_of(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += length)
		if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\n'))
			return true;
	return false;
}

/* sysfs does not say which virtio_rng.K is on which function: it is the name that appears when the driver comes up. */
void bring_up(struct endpoint *endpoint)
{
	char before[1024] = "", after[1024] = "", *rest = NULL;

	if (!endpoint->is_rng || is_up(endpoint))
		return;
	read_file(before, sizeof before, HW_RANDOM "rng_available");
	if (!bind_virtio(endpoint->address, RNG_DRIVER))
		return;
	read_file(after, sizeof after, HW_RANDOM "rng_available");
	for (char *word = strtok_r(after, " \n", &rest); word != NULL; word = strtok_r(NULL, " \n", &rest))
		if (!is_word_of(before, word))
			snprintf(endpoint->rng_name, sizeof endpoint->rng_name, "%s", word);
}

/* Never returns. Whole requests are read, so that none of their bytes stay in the core's buffer for the next reader. */
static void read_random(size_t length)
{
	char bytes[TRANSFER_BYTES];
	int fd = open("/dev/hwrng", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		_exit(EXIT_FAILURE);
	for (size_t done = 0; done < length; done += sizeof bytes)
		for (size_t used = 0; used < sizeof bytes;) {
			ssize_t got = read(fd, bytes + used, sizeof bytes - used);
			if (got <= 0)
				_exit(EXIT_FAILURE);
			used += (size_t)got;
		}
	_exit(EXIT_SUCCESS);
}

struct reader {
	pid_t process;
	int *status;
};

static bool reader_has_ended(const void *subject)
{
	const struct reader *reader = subject;

	return waitpid(reader->process, reader->status, WNOHANG) != 0;
}

/* A transfer that never ends blocks its reader for ever, so the reader is a process of its own. */
static void read_with_limit(struct answer *answer, const char *name, size_t length)
{
	int status = 0;
	struct reader reader = { .process = fork(), .status = &status };

	if (reader.process == 0)
		read_random(length);
	if (reader.process < 0) {
		refuse(answer, "the guest cannot start a process");
		return;
	}
	if (!wait_until(reader_has_ended, &reader, IO_TIMEOUT_MS)) {
		kill(reader.process, SIGKILL);
		waitpid(reader.process, &status, 0);
		refuse(answer, "the transfer through %s did not end within %d ms", name, IO_TIMEOUT_MS);
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS) {
		refuse(answer, "reading from %s failed", name);
	} else {
		add_value(answer, "  bytes: %zu\n", length);
	}
}

void verb_io(const struct command *command, struct answer *answer)
{
	uint64_t length = TRANSFER_BYTES;
	const struct endpoint *endpoint = endpoint_argument(command, answer);

	if (endpoint == NULL || (optional_text(command, "length") != NULL &&
				 !number_argument(command, answer, "length", &length)))
		return;
	if (!endpoint->is_rng)
		skip(answer, "the kernel has no driver for %s", endpoint->name);
	else if (length == 0 || length > MAX_IO_BYTES)
		refuse(answer, "a transfer has 1 to %u bytes", MAX_IO_BYTES);
	else if (!is_up(endpoint))
		refuse(answer, "the endpoint's driver is not up");
	else if (!write_file(endpoint->rng_name, HW_RANDOM "rng_current"))
		refuse(answer, "the kernel does not select %s", endpoint->rng_name);
	else
		read_with_limit(answer, endpoint->rng_name, length);
}
