/* /init: prepares the guest, then carries out the commands that come in over the second serial port. */
#include "agent.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#define CONTRACT_TTY "/dev/ttyS1"
/* syslog(2): what reaches the console; 5 lets warnings and worse through. A character there costs as much as a request. */
#define SYSLOG_ACTION_CONSOLE_LEVEL 8
#define CONSOLE_LEVEL 5

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

/* Bytes must pass unchanged in both directions. */
static int open_contract(void)
{
	struct termios settings;
	int fd = open(CONTRACT_TTY, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && tcgetattr(fd, &settings) == 0) {
		cfmakeraw(&settings);
		tcsetattr(fd, TCSANOW, &settings);
	}
	return fd;
}

static void give_up(const char *sentence)
{
	fprintf(stderr, "agent: %s\n", sentence);
	sync();
	reboot(RB_POWER_OFF);
}

int main(void)
{
	static struct command command;
	static struct answer answer;

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
	klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, NULL, CONSOLE_LEVEL);
	/* Firmware and kernel have scanned the bus; every session begins with the machine down. */
	take_down();
	write_header(contract);
	while (read_command(contract, &command)) {
		memset(&answer, 0, sizeof answer);
		carry_out(&command, &answer);
		write_answer(contract, &command, &answer);
	}
	give_up("the second serial port was closed");
}
