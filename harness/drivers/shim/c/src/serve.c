/* The loop: one command in, one answer out, until stdin ends. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Whether a debugger has this process, as /proc says. */
static bool is_traced(void)
{
	char line[128];
	int tracer = 0;
	FILE *status = fopen("/proc/self/status", "r");

	while (status != NULL && fgets(line, sizeof line, status) != NULL && sscanf(line, "TracerPid: %d", &tracer) != 1)
		continue;
	if (status != NULL)
		fclose(status);
	return tracer != 0;
}

static void wait_for_debugger(void)
{
	const struct timespec moment = { .tv_nsec = 100 * 1000 * 1000 };

	vs_log("process %d waits for a debugger", (int)getpid());
	while (!is_traced())
		nanosleep(&moment, NULL);
}

int vs_serve(struct vs_machine *machine, const struct vs_driver *driver, void *context)
{
	struct vs_service service = { .machine = machine, .driver = driver, .context = context };
	struct vs_command command;
	const char *wait = getenv("VIOMMUSPEC_WAIT");
	char *line = NULL;
	size_t room = 0;

	service.buffers.machine = machine;
	service.command = &command;
	vs_tap_begin();
	if (wait != NULL && strcmp(wait, "1") == 0)
		wait_for_debugger();
	while (getline(&line, &room, stdin) >= 0) {
		vs_command_read(&command, line);
		vs_obey(&service);
	}
	vs_tap_end();
	vs_buffers_clear(&service.buffers);
	free(line);
	return 0;
}
