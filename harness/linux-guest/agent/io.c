/*
 * io: the kernel's own driver of a virtio endpoint does transfers because somebody reads or writes what the driver makes
 * of the endpoint.
 */
#include "agent.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_IO_BYTES 64
#define MAX_IO_BYTES (1u << 20)
/* Fifty times what a transfer takes. */
#define IO_TIMEOUT_MS 1000

static const struct own_driver *const drivers[] = { &rng_driver, &disk_driver };

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
		endpoint->own->transfer(endpoint, length);
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

void verb_io(const struct command *command, struct answer *answer)
{
	uint64_t length = DEFAULT_IO_BYTES;
	const struct endpoint *endpoint = endpoint_argument(command, answer);

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
	else
		transfer_with_limit(answer, endpoint, length);
}
