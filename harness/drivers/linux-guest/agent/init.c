/* /init: prepares the guest, then carries out the commands that come in over the second serial port. */
#include "agent.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <termios.h>
#include <unistd.h>

/* The second serial port: arm64's, else x86's. An arm64 kernel has a ttyS1 too, behind which there is nothing. */
#define CONTRACT_TTYS { "/dev/ttyAMA1", "/dev/ttyS1" }
/* syslog(2): what reaches the console: warnings and worse, since a character there costs as much as a request. */
#define SYSLOG_ACTION_CONSOLE_LEVEL 8
#define CONSOLE_LEVEL 5
/* A serial line has no end of file: this word stands for it. The harness says it, cases cannot. */
#define END_OF_INPUT "end-of-input"

struct verb {
	const char *name;
	void (*carry_out)(const struct command *, struct answer *);
};

static void verb_alloc(const struct command *command, struct answer *answer)
{
	(void)command;
	skip(answer, "no driver of a stock kernel maps a buffer of the DMA API on demand");
}

static void verb_bypass(const struct command *command, struct answer *answer)
{
	(void)command;
	skip(answer, "the kernel has no switch for the global bypass");
}

static const struct verb verbs[] = {
	{ "start", verb_start },   { "stop", verb_stop },     { "attach", verb_attach },   { "detach", verb_detach },
	{ "map", verb_map },	   { "unmap", verb_unmap },   { "alloc", verb_alloc },	   { "free", verb_alloc },
	{ "io", verb_io },	   { "poke", verb_poke },     { "peek", verb_peek },	   { "bypass", verb_bypass },
	{ "regions", verb_regions }, { "faults", verb_faults }, { "release", verb_release },
	{ "plug", verb_plug },	   { "unplug", verb_unplug },
	{ "load", verb_load },	   { "resize", verb_resize },
};

static void carry_out(const struct command *command, struct answer *answer)
{
	for (size_t index = 0; index < sizeof verbs / sizeof verbs[0]; index++)
		if (strcmp(verbs[index].name, command->verb) == 0) {
			verbs[index].carry_out(command, answer);
			return;
		}
	skip(answer, "no such verb");
}

/*
 * Bytes must pass unchanged in both directions. The emulated port holds the last bytes of a command back for four
 * characters' time, so at the speed that a port starts with each command would come 4 ms late.
 */
static int open_contract(void)
{
	static const char *const ttys[] = CONTRACT_TTYS;
	struct termios settings;
	int fd = -1;

	for (size_t index = 0; fd < 0 && index < sizeof ttys / sizeof ttys[0]; index++)
		fd = open(ttys[index], O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && tcgetattr(fd, &settings) == 0) {
		cfmakeraw(&settings);
		cfsetspeed(&settings, B115200);
		tcsetattr(fd, TCSANOW, &settings);
	}
	return fd;
}

/* At once, without taking anything down: QEMU ends where a machine would restart. */
static void end_machine(void)
{
	write_file("b", "/proc/sysrq-trigger");
	for (;;)
		pause();
}

static void give_up(const char *sentence)
{
	fprintf(stderr, "agent: %s\n", sentence);
	end_machine();
}

static void serve(int contract)
{
	static struct command command;
	static struct answer answer;
	bool over = false;

	write_header(contract);
	while (!over && read_command(contract, &command)) {
		over = strcmp(command.verb, END_OF_INPUT) == 0;
		memset(&answer, 0, sizeof answer);
		carry_out(&command, &answer);
		write_answer(contract, &command, &answer);
	}
	write_plan(contract);
}

int main(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	int contract = open_contract();
	if (contract < 0)
		give_up("there is no second serial port");
	if (!read_machine())
		give_up("the machine file names no IOMMU");
	open_kernel_log();
	load_boot_modules();
	for (int index = 0; index < window_count; index++)
		place_window(&windows[index]);
	if (window_count > 0)
		load_window_module();
	klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, NULL, CONSOLE_LEVEL);
	bind_virtio_by_hand();
	/* Firmware and kernel have scanned the bus; every session begins with the machine down. */
	take_down();
	serve(contract);
	end_machine();
}
