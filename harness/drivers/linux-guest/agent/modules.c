/* Kernel modules: /modules/order has one file name and its parameters a line, in the order of loading. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IOMMU_MODULE "virtio_iommu"
#define IOMMU_MODULE_FILE IOMMU_MODULE ".ko"

static bool load_module(const char *file, const char *parameters)
{
	char path[MAX_PATH_BYTES];

	snprintf(path, sizeof path, "/modules/%s", file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool loaded = syscall(SYS_finit_module, fd, parameters, 0) == 0 || errno == EEXIST;
	int error = errno;
	if (!loaded)
		fprintf(stderr, "agent: the kernel refused the module %s: %s\n", file, strerror(error));
	close(fd);
	errno = error;
	return loaded;
}

static bool is_for_vfio(const char *file)
{
	return strncmp(file, "vfio", 4) == 0 || strcmp(file, "irqbypass.ko") == 0;
}

static bool is_for_the_disk(const char *file)
{
	return strcmp(file, "virtio_blk.ko") == 0;
}

static bool is_for_windows(const char *file)
{
	return strcmp(file, "virtio_mmio.ko") == 0;
}

static bool is_for_net(const char *file)
{
	return strcmp(file, "virtio_net.ko") == 0 || strcmp(file, "net_failover.ko") == 0 ||
	       strcmp(file, "failover.ko") == 0;
}

static bool is_for_the_boot(const char *file)
{
	return strcmp(file, IOMMU_MODULE_FILE) != 0 && !is_for_windows(file) && !is_for_the_disk(file) &&
	       !is_for_net(file) && !is_for_vfio(file);
}

static void load_modules(bool (*is_wanted)(const char *file))
{
	char order[4096], *rest = NULL;

	if (!read_file(order, sizeof order, "/modules/order"))
		return;
	for (char *line = strtok_r(order, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		char *blank = strchr(line, ' ');
		if (blank != NULL)
			*blank = '\0';
		if (is_wanted(line))
			load_module(line, blank == NULL ? "" : blank + 1);
	}
}

void load_boot_modules(void)
{
	load_modules(is_for_the_boot);
}

void load_window_module(void)
{
	load_modules(is_for_windows);
}

/* The kernel would check a module's signature again before it sees that it has it already. */
static void load_once(bool (*is_wanted)(const char *file), bool *are_loaded)
{
	if (!*are_loaded)
		load_modules(is_wanted);
	*are_loaded = true;
}

void load_vfio_modules(void)
{
	static bool are_loaded;

	load_once(is_for_vfio, &are_loaded);
}

void load_disk_module(void)
{
	static bool are_loaded;

	load_once(is_for_the_disk, &are_loaded);
}

void load_net_modules(void)
{
	static bool are_loaded;

	load_once(is_for_net, &are_loaded);
}

bool load_named_module(const char *name)
{
	char file[MAX_NAME_BYTES];

	snprintf(file, sizeof file, "%s.ko", name);
	return file_exists("/sys/module/%s", name) || !file_exists("/modules/%s", file) || load_module(file, "");
}

bool load_iommu_module(void)
{
	return load_named_module(IOMMU_MODULE);
}

bool module_never_ran(int error)
{
	return error == ENOEXEC || error == ENOENT || error == EKEYREJECTED || error == ENOKEY || error == EBADMSG;
}

bool unload_iommu_module(void)
{
	return syscall(SYS_delete_module, IOMMU_MODULE, O_NONBLOCK) == 0 || errno == ENOENT;
}
