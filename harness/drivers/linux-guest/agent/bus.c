/* PCI functions, and platform devices whose registers are in a window, through sysfs. */
#include "agent.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define BUS "/sys/bus/%s/"
#define VIRTIO "/sys/bus/virtio/"

/* Names of functions are their addresses: 0000:00:03.0. */
static const char *bus_of(const char *address)
{
	return is_function(address) ? "pci" : "platform";
}

bool is_function(const char *address)
{
	return strncmp(address, "0000:", 5) == 0;
}

bool device_present(const char *address)
{
	return file_exists(BUS "devices/%s", bus_of(address), address);
}

bool device_driver(const char *address, char *name, size_t size)
{
	return read_link_name(name, size, BUS "devices/%s/driver", bus_of(address), address);
}

void unbind_device(const char *address)
{
	write_file(address, BUS "devices/%s/driver/unbind", bus_of(address), address);
}

bool bind_device(const char *address, const char *driver)
{
	char bound[MAX_NAME_BYTES];

	/* vfio-pci is the only one that is ever asked for by name. */
	if (driver != NULL)
		load_vfio_modules();
	/* A lone newline takes an earlier override away. */
	write_file(driver == NULL ? "\n" : driver, BUS "devices/%s/driver_override", bus_of(address), address);
	write_file(address, BUS "drivers_probe", bus_of(address));
	/* If the kernel was at it already, that came back at once; this changes nothing but waits for the same lock. */
	write_file("on", BUS "devices/%s/power/control", bus_of(address), address);
	return device_driver(address, bound, sizeof bound) && (driver == NULL || strcmp(bound, driver) == 0);
}

int virtio_device(const char *address, char *driver, size_t size)
{
	char path[MAX_PATH_BYTES];
	const struct dirent *entry;
	int number = -1;

	snprintf(path, sizeof path, BUS "devices/%s", bus_of(address), address);
	DIR *directory = opendir(path);
	if (directory == NULL)
		return -1;
	while (number < 0 && (entry = readdir(directory)) != NULL)
		if (sscanf(entry->d_name, "virtio%d", &number) != 1)
			number = -1;
	closedir(directory);
	if (number < 0 || !read_link_name(driver, size, BUS "devices/%s/virtio%d/driver", bus_of(address), address, number))
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

	snprintf(path, sizeof path, BUS "devices/%s/virtio%d/%s", bus_of(endpoint->address), endpoint->address, number,
		 class_name);
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
