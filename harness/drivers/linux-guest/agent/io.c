/*
 * io: the kernel's own driver of a virtio endpoint does transfers because somebody reads or writes what the driver makes
 * of the endpoint.
 */
#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_IO_BYTES 64
#define MAX_IO_BYTES (1u << 20)
#define MAX_RING_ENTRIES 32768u
/* Fifty times what a transfer takes. */
#define IO_TIMEOUT_MS 1000
/* In the background: some seconds' worth, so that a trace stays small if nobody ends them. */
#define MOST_TRANSFERS 200
#define FIRST_TRANSFERS 3

static const struct own_driver *const drivers[] = { &rng_driver, &disk_driver, &net_driver };

const struct own_driver *own_driver_for(const char *kind)
{
	for (size_t index = 0; index < sizeof drivers / sizeof drivers[0]; index++)
		if (strcmp(drivers[index]->kind, kind) == 0)
			return drivers[index];
	return NULL;
}

static bool is_up(const struct endpoint *endpoint)
{
	char driver[MAX_NAME_BYTES];

	return virtio_device(endpoint->address, driver, sizeof driver) >= 0 && strcmp(driver, endpoint->own->name) == 0;
}

void bring_up(struct endpoint *endpoint)
{
	if (endpoint->own != NULL && !is_up(endpoint))
		endpoint->own->bring_up(endpoint);
}

struct worker {
	pid_t process;
	int *status;
};

static bool worker_has_ended(const void *subject)
{
	const struct worker *worker = subject;

	return waitpid(worker->process, worker->status, WNOHANG) != 0;
}

static void transfer_with_limit(struct answer *answer, const struct endpoint *endpoint, size_t length)
{
	int status = 0;
	struct worker worker = { .process = fork(), .status = &status };

	if (worker.process == 0)
		_exit(endpoint->own->transfer(endpoint, length) ? EXIT_SUCCESS : EXIT_FAILURE);
	if (worker.process < 0) {
		refuse(answer, "the guest cannot start a process");
		return;
	}
	if (!wait_until(worker_has_ended, &worker, IO_TIMEOUT_MS)) {
		kill(worker.process, SIGKILL);
		waitpid(worker.process, &status, WNOHANG);
		refuse(answer, "the transfer through %s did not end within %d ms", endpoint->device_name, IO_TIMEOUT_MS);
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS) {
		refuse(answer, "the transfer through %s failed", endpoint->device_name);
	} else {
		add_value(answer, "  bytes: %zu\n", length);
	}
}

/* Writes a byte after each of the first transfers. */
static void keep_busy(const struct endpoint *endpoint, size_t length, int progress)
{
	for (int count = 0; count < MOST_TRANSFERS && endpoint->own->transfer(endpoint, length); count++)
		if (count < FIRST_TRANSFERS && write(progress, "", 1) != 1)
			break;
	_exit(EXIT_SUCCESS);
}

static bool have_begun(int progress)
{
	struct pollfd readable = { .fd = progress, .events = POLLIN };
	char byte;

	for (int count = 0; count < FIRST_TRANSFERS; count++)
		if (poll(&readable, 1, IO_TIMEOUT_MS) != 1 || read(progress, &byte, 1) != 1)
			return false;
	return true;
}

static void transfer_in_background(struct answer *answer, struct endpoint *endpoint, size_t length)
{
	int progress[2];

	end_transfers(endpoint);
	if (pipe(progress) != 0) {
		refuse(answer, "the guest cannot make a pipe");
		return;
	}
	pid_t process = fork();
	if (process == 0)
		keep_busy(endpoint, length, progress[1]);
	endpoint->worker = process > 0 ? process : 0;
	close(progress[1]);
	if (!have_begun(progress[0])) {
		refuse(answer, "the transfers through %s do not come through", endpoint->device_name);
		end_transfers(endpoint);
	}
	close(progress[0]);
}

void end_transfers(struct endpoint *endpoint)
{
	int status;
	struct worker worker = { .process = endpoint->worker, .status = &status };

	if (endpoint->worker == 0)
		return;
	kill(endpoint->worker, SIGKILL);
	wait_until(worker_has_ended, &worker, IO_TIMEOUT_MS);
	endpoint->worker = 0;
}

void verb_resize(const struct command *command, struct answer *answer)
{
	uint64_t size;
	const struct endpoint *endpoint = endpoint_argument(command, answer);

	if (endpoint == NULL || !number_argument(command, answer, "size", &size))
		return;
	if (endpoint->own == NULL || endpoint->own->resize == NULL)
		refuse(answer, "the kernel has no way to give the rings of %s another size", endpoint->name);
	else if (size == 0 || size > MAX_RING_ENTRIES)
		refuse(answer, "a ring has 1 to %u entries", MAX_RING_ENTRIES);
	else if (!is_up(endpoint))
		refuse(answer, "the endpoint's driver is not up");
	else if (!endpoint->own->resize(endpoint, (uint32_t)size))
		refuse(answer, "the rings of %s stay as they are: %s", endpoint->device_name, strerror(errno));
}

void verb_io(const struct command *command, struct answer *answer)
{
	uint64_t length = DEFAULT_IO_BYTES;
	struct endpoint *endpoint = endpoint_argument(command, answer);
	const char *background = optional_text(command, "background");

	if (endpoint == NULL || (optional_text(command, "length") != NULL &&
				 !number_argument(command, answer, "length", &length)))
		return;
	if (endpoint->own == NULL)
		skip(answer, "the kernel has no driver for %s", endpoint->name);
	else if (length == 0 || length > MAX_IO_BYTES)
		refuse(answer, "a transfer has 1 to %u bytes", MAX_IO_BYTES);
	else if (!is_up(endpoint))
		refuse(answer, "the endpoint's driver is not up");
	else if (!endpoint->own->choose(endpoint))
		refuse(answer, "the kernel does not select %s", endpoint->device_name);
	else if (background != NULL && strcmp(background, "1") == 0)
		transfer_in_background(answer, endpoint, length);
	else
		transfer_with_limit(answer, endpoint, length);
}
