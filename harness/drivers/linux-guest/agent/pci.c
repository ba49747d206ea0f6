/* PCI functions through sysfs. */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PCI "/sys/bus/pci/"
#define VIRTIO "/sys/bus/virtio/"

bool function_present(const char *address)
{
	return file_exists(PCI "devices/%s", address);
}

bool function_driver(const char *address, char *name, size_t size)
{
	return read_link_name(name, size, PCI "devices/%s/driver", address);
}

void unbind_function(const char *address)
{
	write_file(address, PCI "devices/%s/driver/unbind", address);
}

/*
 * A function that decodes memory is made to stop and begin again for each of its BARs when it is found, and QEMU builds
 * the machine's memory map anew every time: 15 ms a function.
 */
static void stop_decoding(const char *address)
{
	static const unsigned char nothing[2];
	char path[MAX_PATH_BYTES];

	snprintf(path, sizeof path, PCI "devices/%s/config", address);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pwrite(fd, nothing, sizeof nothing, PCI_COMMAND) < 0)
		perror("agent: a PCI function's command register");
	close(fd);
}

void remove_function(const char *address)
{
	/* Its driver still has to reach the registers. */
	unbind_function(address);
	stop_decoding(address);
	write_file("1", PCI "devices/%s/remove", address);
}

void rescan_bus(void)
{
	write_file("1", PCI "rescan");
}

bool bind_function(const char *address, const char *driver)
{
	char bound[MAX_NAME_BYTES];

	/* vfio-pci is the only one that is ever asked for by name. */
	if (driver != NULL)
		load_vfio_modules();
	/* A lone newline takes an earlier override away. */
	write_file(driver == NULL ? "\n" : driver, PCI "devices/%s/driver_override", address);
	write_file(address, PCI "drivers_probe");
	/* If the kernel was at it already, that came back at once; this changes nothing but waits for the same lock. */
	write_file("on", PCI "devices/%s/power/control", address);
	return function_driver(address, bound, sizeof bound) && (driver == NULL || strcmp(bound, driver) == 0);
}

int virtio_device(const char *address, char *driver, size_t size)
{
	char path[MAX_PATH_BYTES];
	const struct dirent *entry;
	int number = -1;

	snprintf(path, sizeof path, PCI "devices/%s", address);
	DIR *directory = opendir(path);
	if (directory == NULL)
		return -1;
	while (number < 0 && (entry = readdir(directory)) != NULL)
		if (sscanf(entry->d_name, "virtio%d", &number) != 1)
			number = -1;
	closedir(directory);
	if (number < 0 || !read_link_name(driver, size, PCI "devices/%s/virtio%d/driver", address, number))
		driver[0] = '\0';
	return number;
}

void bind_virtio_by_hand(void)
{
	write_file("0", VIRTIO "drivers_autoprobe");
}

/* The name is a folder's: /sys/bus/pci/devices/ADDRESS/virtioN/block/vda. */
bool find_product(struct endpoint *endpoint, const char *class_name)
{
	char path[MAX_PATH_BYTES], driver[MAX_NAME_BYTES];
	int number = virtio_device(endpoint->address, driver, sizeof driver);

	snprintf(path, sizeof path, PCI "devices/%s/virtio%d/%s", endpoint->address, number, class_name);
	endpoint->device_name[0] = '\0';
	DIR *directory = opendir(path);
	if (directory == NULL)
		return false;
	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
		if (entry->d_name[0] != '.')
			snprintf(endpoint->device_name, sizeof endpoint->device_name, "%.60s", entry->d_name);
	closedir(directory);
	return endpoint->device_name[0] != '\0';
}

bool bind_virtio(const char *address, const char *driver)
{
	char name[MAX_NAME_BYTES], bound[MAX_NAME_BYTES];
	int number = virtio_device(address, bound, sizeof bound);

	if (number < 0)
		return false;
	if (bound[0] != '\0')
		return strcmp(bound, driver) == 0;
	snprintf(name, sizeof name, "virtio%d", number);
	return write_file(name, VIRTIO "drivers/%s/bind", driver);
}
