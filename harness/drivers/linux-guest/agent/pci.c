/* What the PCI bus has of its own: functions come and go, and have registers that say where they answer. */
#include "agent.h"

#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <unistd.h>

#define PCI "/sys/bus/pci/"

static void write_register(const char *address, off_t at, uint32_t value, size_t width)
{
	char path[MAX_PATH_BYTES];

	snprintf(path, sizeof path, PCI "devices/%s/config", address);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* Configuration space and the guest's processor are both little-endian. */
	if (pwrite(fd, &value, width, at) < 0)
		perror("agent: a PCI function's register");
	close(fd);
}

/*
 * A function that decodes memory is made to stop and begin again for each of its BARs when it is found, and QEMU builds
 * the machine's memory map anew every time: 15 ms a function.
 */
static void stop_decoding(const char *address)
{
	write_register(address, PCI_COMMAND, 0, sizeof(uint16_t));
}

/*
 * The kernel has put the BAR where it liked, and has no driver for the function. Once the window is in its place the function
 * is no longer seen, so what the kernel knows of it goes.
 */
void place_window(const struct window *window)
{
	write_register(window->carrier, PCI_BASE_ADDRESS_0, (uint32_t)window->address, sizeof(uint32_t));
	write_register(window->carrier, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, sizeof(uint16_t));
	write_file("1", PCI "devices/%s/remove", window->carrier);
}

void switch_on(const char *address)
{
	write_register(address, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, sizeof(uint16_t));
}

void remove_device(const char *address)
{
	/* Its driver still has to reach the registers. */
	unbind_device(address);
	if (!is_function(address))
		return;
	stop_decoding(address);
	write_file("1", PCI "devices/%s/remove", address);
}

void rescan_bus(void)
{
	write_file("1", PCI "rescan");
}
