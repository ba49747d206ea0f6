/* Guest memory: one file that every device shares, given out in pages from the lowest free address on. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct vs_memory_pool {
	int fd;
	unsigned char *bytes;
	size_t size;
	/* One flag a page: whether it is given out. */
	bool *taken;
};

struct vs_memory_pool *vs_pool_open(size_t size)
{
	struct vs_memory_pool *pool = calloc(1, sizeof *pool);

	if (pool == NULL)
		return NULL;
	pool->size = (size + VS_PAGE - 1) / VS_PAGE * VS_PAGE;
	pool->taken = calloc(pool->size / VS_PAGE, sizeof *pool->taken);
	pool->fd = memfd_create("guest-memory", MFD_CLOEXEC);
	if (pool->taken == NULL || pool->fd < 0 || ftruncate(pool->fd, (off_t)pool->size) < 0)
		goto failed;
	void *bytes = mmap(NULL, pool->size, PROT_READ | PROT_WRITE, MAP_SHARED, pool->fd, 0);
	if (bytes == MAP_FAILED)
		goto failed;
	pool->bytes = bytes;
	return pool;
failed:
	vs_log("%zu bytes of guest memory cannot be had: %s", size, strerror(errno));
	vs_pool_close(pool);
	return NULL;
}

void vs_pool_close(struct vs_memory_pool *pool)
{
	if (pool == NULL)
		return;
	if (pool->bytes != NULL)
		munmap(pool->bytes, pool->size);
	if (pool->fd >= 0)
		close(pool->fd);
	free(pool->taken);
	free(pool);
}

int vs_pool_fd(const struct vs_memory_pool *pool)
{
	return pool->fd;
}

size_t vs_pool_size(const struct vs_memory_pool *pool)
{
	return pool->size;
}

static bool is_free(const struct vs_memory_pool *pool, size_t first, size_t count)
{
	for (size_t page = first; page < first + count; page++)
		if (pool->taken[page])
			return false;
	return true;
}

bool vs_allocate(struct vs_machine *machine, size_t size, size_t alignment, struct vs_memory *memory)
{
	struct vs_memory_pool *pool = machine->memory;
	size_t step = (alignment < VS_PAGE ? VS_PAGE : alignment) / VS_PAGE;
	size_t pages = pool->size / VS_PAGE;

	if (size == 0 || size > pool->size)
		return false;
	size_t count = (size + step * VS_PAGE - 1) / (step * VS_PAGE) * step;
	for (size_t first = 0; count <= pages && first <= pages - count; first += step) {
		if (!is_free(pool, first, count))
			continue;
		memset(pool->taken + first, true, count);
		*memory = (struct vs_memory){
			.cpu = pool->bytes + first * VS_PAGE,
			.physical = VS_MEMORY_BASE + first * VS_PAGE,
			.size = count * VS_PAGE,
		};
		memset(memory->cpu, 0, memory->size);
		return true;
	}
	return false;
}

void vs_release(struct vs_machine *machine, const struct vs_memory *memory)
{
	size_t first = (size_t)(memory->physical - VS_MEMORY_BASE) / VS_PAGE;

	memset(machine->memory->taken + first, false, memory->size / VS_PAGE);
}
