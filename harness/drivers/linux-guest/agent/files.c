/* Reading and writing the small files by which the kernel is driven. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FORMAT_PATH(out, path)                                 \
	do {                                                   \
		va_list arguments;                             \
		va_start(arguments, path);                     \
		vsnprintf(out, sizeof(out), path, arguments);  \
		va_end(arguments);                             \
	} while (0)

bool write_file(const char *text, const char *path, ...)
{
	char name[MAX_PATH_BYTES];

	FORMAT_PATH(name, path);
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int error = errno;
	close(fd);
	errno = error;
	return written;
}

bool read_file(char *text, size_t size, const char *path, ...)
{
	char name[MAX_PATH_BYTES];
	size_t used = 0;
	ssize_t got = 0;

	FORMAT_PATH(name, path);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (used + 1 < size && (got = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	close(fd);
	text[used] = '\0';
	return got >= 0;
}

bool file_exists(const char *path, ...)
{
	char name[MAX_PATH_BYTES];

	FORMAT_PATH(name, path);
	return access(name, F_OK) == 0;
}

bool read_link_name(char *name, size_t size, const char *path, ...)
{
	char link[MAX_PATH_BYTES], target[PATH_MAX];

	FORMAT_PATH(link, path);
	ssize_t length = readlink(link, target, sizeof target - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	const char *slash = strrchr(target, '/');
	snprintf(name, size, "%s", slash == NULL ? target : slash + 1);
	return true;
}

static void sleep_ms(unsigned int duration_ms)
{
	struct timespec duration = { .tv_sec = duration_ms / 1000, .tv_nsec = (duration_ms % 1000) * 1000000L };

	while (nanosleep(&duration, &duration) != 0 && errno == EINTR)
		continue;
}

static int64_t uptime_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

bool wait_until(bool (*done)(const void *), const void *subject, unsigned int timeout_ms)
{
	int64_t until = uptime_ms() + timeout_ms;

	while (!done(subject)) {
		if (uptime_ms() >= until)
			return false;
		sleep_ms(1);
	}
	return true;
}
