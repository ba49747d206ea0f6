/*
 * virtio-blk: the driver does transfers because somebody writes to the disk and reads it back, past the page cache. The
 * memory is taken from pages that lie apart, so a transfer is a scatter-gather list.
 */
#define _GNU_SOURCE /* O_DIRECT */
#include "agent.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR_BYTES 512u
#define PAGE_BYTES 4096u
#define MAX_PIECES 256

static void bring_up_disk(struct endpoint *endpoint)
{
	load_disk_module();
	if (bind_virtio(endpoint->address, disk_driver.name))
		find_product(endpoint, "block");
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

static size_t stretch_for(size_t length)
{
	return 2 * length + 2 * PAGE_BYTES;
}

static char *apart(size_t length)
{
	return mmap(NULL, stretch_for(length), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
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

static bool write_and_read(const struct endpoint *endpoint, size_t length)
{
	static struct iovec written[MAX_PIECES], read_back[MAX_PIECES];
	char path[MAX_PATH_BYTES];
	ssize_t whole = (ssize_t)((length + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES);

	snprintf(path, sizeof path, "/dev/%s", endpoint->device_name);
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	char *out = apart((size_t)whole), *in = apart((size_t)whole);
	bool works = fd >= 0 && out != MAP_FAILED && in != MAP_FAILED;
	if (works) {
		int count = scatter(written, out, (size_t)whole);
		scatter(read_back, in, (size_t)whole);
		fill(written, count);
		works = pwritev(fd, written, count, 0) == whole && preadv(fd, read_back, count, 0) == whole &&
			are_equal(written, read_back, count);
	}
	munmap(out, stretch_for((size_t)whole));
	munmap(in, stretch_for((size_t)whole));
	if (fd >= 0)
		close(fd);
	return works;
}

const struct own_driver disk_driver = {
	.kind = "virtio-blk",
	.name = "virtio_blk",
	.bring_up = bring_up_disk,
	.choose = choose_disk,
	.transfer = write_and_read,
};
