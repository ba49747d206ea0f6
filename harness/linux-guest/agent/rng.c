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

/* The number of the endpoint's virtio device if the rng driver has it, or -1. */
static int rng_device(const struct endpoint *endpoint)
{
	char driver[MAX_NAME_BYTES] = "";
	int number = virtio_device(endpoint->address, driver, sizeof driver);

	return strcmp(driver, "virtio_rng") == 0 ? number : -1;
}

/*
 * sysfs does not say which virtio_rng.K is on which function. Both K and the number of the virtio device are the lowest
 * that is free when a driver comes up, and drivers come up one after the other: the order of the one is that of the other.
 */
static bool rng_name(const struct endpoint *endpoint, char *name, size_t size)
{
	char available[1024], *rest = NULL;
	int own_device = rng_device(endpoint), rank = 0;

	for (int index = 0; index < endpoint_count; index++) {
		int device = rng_device(&endpoints[index]);
		if (device >= 0 && device < own_device)
			rank++;
	}
	if (own_device < 0 || !read_file(available, sizeof available, HW_RANDOM "rng_available"))
		return false;
	int numbers[MAX_ENDPOINTS], count = 0;
	for (char *word = strtok_r(available, " \n", &rest); word != NULL; word = strtok_r(NULL, " \n", &rest))
		if (count < MAX_ENDPOINTS && sscanf(word, "virtio_rng.%d", &numbers[count]) == 1)
			count++;
	for (int index = 0; index < count; index++) {
		int smaller = 0;
		for (int other = 0; other < count; other++)
			smaller += numbers[other] < numbers[index];
		if (smaller == rank) {
			snprintf(name, size, "virtio_rng.%d", numbers[index]);
			return true;
		}
	}
	return false;
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
	char name[MAX_NAME_BYTES];
	uint64_t length = TRANSFER_BYTES;
	const struct endpoint *endpoint = endpoint_argument(command, answer);

	if (endpoint == NULL || (optional_text(command, "length") != NULL &&
				 !number_argument(command, answer, "length", &length)))
		return;
	if (!endpoint->is_rng)
		skip(answer, "the kernel has no driver for %s", endpoint->name);
	else if (length == 0 || length > MAX_IO_BYTES)
		refuse(answer, "a transfer has 1 to %u bytes", MAX_IO_BYTES);
	else if (!rng_name(endpoint, name, sizeof name))
		refuse(answer, "the endpoint's driver is not up");
	else if (!write_file(name, HW_RANDOM "rng_current"))
		refuse(answer, "the kernel does not select %s", name);
	else
		read_with_limit(answer, name, length);
}
