/*
 * virtio-blk: the driver does transfers because somebody writes to the disk and reads it back, past the page cache. The
 * memory is taken from pages that lie apart, so a transfer is a scatter-gather list.
 */
#define _GNU_SOURCE /* O_DIRECT */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR_BYTES 512u
#define PAGE_BYTES 4096u
#define MAX_PIECES 256

/* The disk's name is a folder's: /sys/bus/pci/devices/ADDRESS/virtioN/block/vda. */
static void bring_up_disk(struct endpoint *endpoint)
{
	char path[MAX_PATH_BYTES], driver[MAX_NAME_BYTES];

	load_disk_module();
	if (!bind_virtio(endpoint->address, disk_driver.name))
		return;
	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/virtio%d/block", endpoint->address,
		 virtio_device(endpoint->address, driver, sizeof driver));
	DIR *directory = opendir(path);
	if (directory == NULL)
		return;
	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
		if (entry->d_name[0] != '.')
			snprintf(endpoint->device_name, sizeof endpoint->device_name, "%.60s", entry->d_name);
	closedir(directory);
}

static bool choose_disk(const struct endpoint *endpoint)
{
	return file_exists("/dev/%s", endpoint->device_name);
}

/* Every second page of a stretch, so that no two of them are neighbours. */
static int scatter(struct iovec *pieces, char *memory, size_t length)
{
	int count = 0;

	for (size_t done = 0; done < length; done += PAGE_BYTES, count++) {
		size_t left = length - done;
		pieces[count].iov_base = memory + 2 * done;
		pieces[count].iov_len = left < PAGE_BYTES ? left : PAGE_BYTES;
	}
	return count;
}

static char *apart(size_t length)
{
	char *memory = mmap(NULL, 2 * length + 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		_exit(EXIT_FAILURE);
	return memory;
}

static void fill(const struct iovec *pieces, int count)
{
	for (int index = 0; index < count; index++)
		memset(pieces[index].iov_base, 'A' + index % 26, pieces[index].iov_len);
}

static bool are_equal(const struct iovec *one, const struct iovec *other, int count)
{
	for (int index = 0; index < count; index++)
		if (memcmp(one[index].iov_base, other[index].iov_base, one[index].iov_len) != 0)
			return false;
	return true;
}

static void write_and_read(const struct endpoint *endpoint, size_t length)
{
	static struct iovec written[MAX_PIECES], read_back[MAX_PIECES];
	char path[MAX_PATH_BYTES];
	ssize_t whole = (ssize_t)((length + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES);

	snprintf(path, sizeof path, "/dev/%s", endpoint->device_name);
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		_exit(EXIT_FAILURE);
	int count = scatter(written, apart((size_t)whole), (size_t)whole);
	scatter(read_back, apart((size_t)whole), (size_t)whole);
	fill(written, count);
	bool worked = pwritev(fd, written, count, 0) == whole && preadv(fd, read_back, count, 0) == whole &&
		      are_equal(written, read_back, count);
	_exit(worked ? EXIT_SUCCESS : EXIT_FAILURE);
}

const struct own_driver disk_driver = {
	.kind = "virtio-blk",
	.name = "virtio_blk",
	.bring_up = bring_up_disk,
	.choose = choose_disk,
	.transfer = write_and_read,
};
