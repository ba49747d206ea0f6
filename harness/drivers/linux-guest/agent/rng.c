/*
 * virtio-rng: the driver does transfers because somebody reads /dev/hwrng.
 * It moves 64 bytes a request and keeps one request in flight ahead of its reader, so a read of n bytes makes it send at
 * least n / 64 requests, rounded up.
 */
#include "agent.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRANSFER_BYTES 64
#define HW_RANDOM "/sys/class/misc/hw_random/"

static bool is_word_of(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += length)
		if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\n'))
			return true;
	return false;
}

/* sysfs does not say which virtio_rng.K is on which function: it is the name that appears when the driver comes up. */
static void bring_up_rng(struct endpoint *endpoint)
{
	char before[1024] = "", after[1024] = "", *rest = NULL;

	read_file(before, sizeof before, HW_RANDOM "rng_available");
	if (!bind_virtio(endpoint->address, rng_driver.name))
		return;
	read_file(after, sizeof after, HW_RANDOM "rng_available");
	for (char *word = strtok_r(after, " \n", &rest); word != NULL; word = strtok_r(NULL, " \n", &rest))
		if (!is_word_of(before, word))
			snprintf(endpoint->device_name, sizeof endpoint->device_name, "%s", word);
}

static bool choose_rng(const struct endpoint *endpoint)
{
	return write_file(endpoint->device_name, HW_RANDOM "rng_current");
}

/* Whole requests are read, so that none of their bytes stay in the core's buffer for the next reader. */
static bool read_random(const struct endpoint *endpoint, size_t length)
{
	char bytes[TRANSFER_BYTES];
	int fd = open("/dev/hwrng", O_RDONLY | O_CLOEXEC);
	bool works = fd >= 0;

	(void)endpoint;
	for (size_t done = 0; works && done < length; done += sizeof bytes)
		for (size_t used = 0; works && used < sizeof bytes;) {
			ssize_t got = read(fd, bytes + used, sizeof bytes - used);
			works = got > 0;
			used += works ? (size_t)got : 0;
		}
	if (fd >= 0)
		close(fd);
	return works;
}

const struct own_driver rng_driver = {
	.kind = "virtio-rng",
	.name = "virtio_rng",
	.bring_up = bring_up_rng,
	.choose = choose_rng,
	.transfer = read_random,
};
