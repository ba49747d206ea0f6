/*
 * A client of vfio-user (QEMU, docs/interop/vfio-user.rst): one message at a time, each with its reply.
 * Numbers and structures are those of the document and of linux/vfio.h, in the byte order of this machine.
 */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	COMMAND_VERSION = 1,
	COMMAND_DMA_MAP = 2,
	COMMAND_GET_INFO = 4,
	COMMAND_GET_REGION_INFO = 5,
	COMMAND_GET_IRQ_INFO = 7,
	COMMAND_SET_IRQS = 8,
	COMMAND_REGION_READ = 9,
	COMMAND_REGION_WRITE = 10,
};

#define FLAG_ERROR 0x20u
#define DEVICE_FLAG_PCI 2u
#define DMA_READ_WRITE 3u
#define IRQ_LINE 0u
#define IRQ_MSIX 2u
#define IRQ_SET_EVENTFD_TRIGGER 0x24u
#define INTERRUPTS_MAX 64u
#define REGIONS_MAX 9u

struct header {
	uint16_t id;
	uint16_t command;
	uint32_t size;
	uint32_t flags;
	uint32_t error;
};

struct device_info { uint32_t argsz, flags, num_regions, num_irqs; };
struct region_info { uint32_t argsz, flags, index, cap_offset; uint64_t size, offset; };
struct irq_info { uint32_t argsz, flags, index, count; };
struct irq_set { uint32_t argsz, flags, index, start, count; };
struct dma_map { uint32_t argsz, flags; uint64_t offset, address, size; };
struct region_access { uint64_t offset; uint32_t region, count; };
struct region_write { struct region_access access; uint8_t data[8]; };

struct vs_connection {
	int socket;
	uint16_t next_id;
	uint64_t region_sizes[REGIONS_MAX];
	unsigned interrupt_count;
	int interrupts[INTERRUPTS_MAX];
};

/* Without the harness there is nothing left to do. */
static noreturn void harness_gone(const char *doing)
{
	vs_log("the harness has gone while %s: %s", doing, errno == 0 ? "it closed the socket" : strerror(errno));
	exit(1);
}

static void send_all(int socket, const void *bytes, size_t size, int passed_fd)
{
	union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } control = { 0 };
	const char *at = bytes;

	while (size > 0) {
		struct iovec part = { .iov_base = (void *)at, .iov_len = size };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

		if (passed_fd >= 0) {
			message.msg_control = control.bytes;
			message.msg_controllen = sizeof control.bytes;
			struct cmsghdr *head = CMSG_FIRSTHDR(&message);
			head->cmsg_level = SOL_SOCKET;
			head->cmsg_type = SCM_RIGHTS;
			head->cmsg_len = CMSG_LEN(sizeof(int));
			memcpy(CMSG_DATA(head), &passed_fd, sizeof(int));
		}
		ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			harness_gone("being sent a message");
		/* The descriptor went with the first byte. */
		passed_fd = -1;
		at += sent;
		size -= (size_t)sent;
	}
}

static void receive_all(int socket, void *bytes, size_t size)
{
	char *at = bytes;

	while (size > 0) {
		errno = 0;
		ssize_t received = recv(socket, at, size, 0);
		if (received < 0 && errno == EINTR)
			continue;
		if (received <= 0)
			harness_gone("a reply was waited for");
		at += received;
		size -= (size_t)received;
	}
}

static void discard(int socket, size_t size)
{
	char scratch[256];

	while (size > 0) {
		size_t part = size < sizeof scratch ? size : sizeof scratch;
		receive_all(socket, scratch, part);
		size -= part;
	}
}

/*
 * Sends `size` bytes of `request` and puts up to `reply_size` bytes of the reply into `reply`, what the reply does not have
 * zeroed. Gives 0, or the errno with which the harness refused.
 */
static uint32_t ask(struct vs_connection *connection, uint16_t command, const void *request, size_t size, int passed_fd,
		    void *reply, size_t reply_size)
{
	unsigned char message[sizeof(struct header) + 64];
	struct header header = {
		.id = connection->next_id++,
		.command = command,
		.size = (uint32_t)(sizeof header + size),
	};

	memcpy(message, &header, sizeof header);
	if (size > 0)
		memcpy(message + sizeof header, request, size);
	send_all(connection->socket, message, header.size, passed_fd);
	receive_all(connection->socket, &header, sizeof header);
	size_t left = header.size < sizeof header ? 0 : header.size - sizeof header;
	size_t wanted = left < reply_size ? left : reply_size;
	if (reply_size > 0)
		memset(reply, 0, reply_size);
	receive_all(connection->socket, reply, wanted);
	discard(connection->socket, left - wanted);
	return (header.flags & FLAG_ERROR) == 0 ? 0 : header.error == 0 ? EIO : header.error;
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof address.sun_path) {
		vs_log("%s cannot be a socket: %s", path, fd < 0 ? strerror(errno) : "its path is too long");
	} else {
		memcpy(address.sun_path, path, strlen(path) + 1);
		if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
			return fd;
		vs_log("%s cannot be connected to: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Version 0.1 with the document's defaults: one descriptor a message. */
static bool agree_on_version(struct vs_connection *connection)
{
	const uint16_t version[2] = { 0, 1 };

	return ask(connection, COMMAND_VERSION, version, sizeof version, -1, NULL, 0) == 0;
}

static bool wire_interrupts(struct vs_connection *connection, bool is_pci)
{
	struct irq_info info = { .argsz = sizeof info, .index = is_pci ? IRQ_MSIX : IRQ_LINE };

	if (ask(connection, COMMAND_GET_IRQ_INFO, &info, sizeof info, -1, &info, sizeof info) != 0)
		return false;
	for (unsigned vector = 0; vector < info.count && vector < INTERRUPTS_MAX; vector++) {
		struct irq_set set = {
			.argsz = sizeof set,
			.flags = IRQ_SET_EVENTFD_TRIGGER,
			.index = is_pci ? IRQ_MSIX : IRQ_LINE,
			.start = vector,
			.count = 1,
		};
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

		if (fd < 0)
			return false;
		connection->interrupts[connection->interrupt_count++] = fd;
		if (ask(connection, COMMAND_SET_IRQS, &set, sizeof set, fd, NULL, 0) != 0)
			return false;
	}
	return true;
}

static bool learn_device(struct vs_connection *connection)
{
	struct device_info device = { .argsz = sizeof device };

	if (ask(connection, COMMAND_GET_INFO, &device, sizeof device, -1, &device, sizeof device) != 0)
		return false;
	for (uint32_t index = 0; index < device.num_regions && index < REGIONS_MAX; index++) {
		struct region_info region = { .argsz = sizeof region, .index = index };

		if (ask(connection, COMMAND_GET_REGION_INFO, &region, sizeof region, -1, &region, sizeof region) != 0)
			return false;
		connection->region_sizes[index] = region.size;
	}
	return wire_interrupts(connection, (device.flags & DEVICE_FLAG_PCI) != 0);
}

struct vs_connection *vs_connect(const char *path)
{
	struct vs_connection *connection = calloc(1, sizeof *connection);

	if (connection == NULL)
		return NULL;
	connection->socket = open_socket(path);
	if (connection->socket >= 0 && agree_on_version(connection) && learn_device(connection))
		return connection;
	vs_log("the device behind %s cannot be used", path);
	vs_disconnect(connection);
	return NULL;
}

void vs_disconnect(struct vs_connection *connection)
{
	if (connection == NULL)
		return;
	for (unsigned vector = 0; vector < connection->interrupt_count; vector++)
		close(connection->interrupts[vector]);
	if (connection->socket >= 0)
		close(connection->socket);
	free(connection);
}

bool vs_share_memory(struct vs_connection *connection, int memory_fd, uint64_t physical, size_t size)
{
	struct dma_map map = { .argsz = sizeof map, .flags = DMA_READ_WRITE, .address = physical, .size = size };
	uint32_t error = ask(connection, COMMAND_DMA_MAP, &map, sizeof map, memory_fd, NULL, 0);

	if (error != 0)
		vs_log("the harness refuses guest memory: %s", strerror((int)error));
	return error == 0;
}

uint64_t vs_region_size(struct vs_device *device, unsigned region)
{
	return region < REGIONS_MAX ? device->connection->region_sizes[region] : 0;
}

uint64_t vs_read(struct vs_device *device, unsigned region, uint64_t offset, unsigned width)
{
	struct region_access access = { .offset = offset, .region = region, .count = width };
	struct region_write reply;
	uint64_t value = 0;

	if (ask(device->connection, COMMAND_REGION_READ, &access, sizeof access, -1, &reply, sizeof reply) != 0)
		return width >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * width)) - 1;
	for (unsigned at = 0; at < width && at < sizeof reply.data; at++)
		value |= (uint64_t)reply.data[at] << (8 * at);
	return value;
}

void vs_write(struct vs_device *device, unsigned region, uint64_t offset, unsigned width, uint64_t value)
{
	struct region_write write = { .access = { .offset = offset, .region = region, .count = width } };
	size_t bytes = width < sizeof write.data ? width : sizeof write.data;

	for (size_t at = 0; at < bytes; at++)
		write.data[at] = (uint8_t)(value >> (8 * at));
	ask(device->connection, COMMAND_REGION_WRITE, &write, sizeof write.access + bytes, -1, NULL, 0);
}

unsigned vs_interrupt_count(const struct vs_device *device)
{
	return device->connection->interrupt_count;
}

int vs_interrupt_fd(const struct vs_device *device, unsigned vector)
{
	return vector < device->connection->interrupt_count ? device->connection->interrupts[vector] : -1;
}

uint64_t vs_interrupt_take(struct vs_device *device, unsigned vector)
{
	uint64_t count = 0;
	int fd = vs_interrupt_fd(device, vector);

	if (fd < 0 || read(fd, &count, sizeof count) != (ssize_t)sizeof count)
		return 0;
	return count;
}

bool vs_interrupt_wait(struct vs_device *device, unsigned vector_count, int timeout_ms)
{
	struct pollfd waits[INTERRUPTS_MAX];
	unsigned count = vector_count < vs_interrupt_count(device) ? vector_count : vs_interrupt_count(device);

	for (unsigned vector = 0; vector < count; vector++)
		waits[vector] = (struct pollfd){ .fd = device->connection->interrupts[vector], .events = POLLIN };
	return poll(waits, count, timeout_ms) > 0;
}
