/* regions and faults: what the kernel tells about the IOMMU, in sysfs and in its log. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FAULTS 256
/* A fault's interrupt may come in a moment after the command that asks for it. */
#define SETTLE_MS 5
#define KERNEL_WARNING 4

struct fault {
	const char *reason;
	unsigned long endpoint_id;
	bool has_address;
	unsigned long long address;
};

static int log_fd = -1;
static struct fault faults[MAX_FAULTS];
static int fault_count;
static bool any_fault;
static char complaint[256];

void open_kernel_log(void)
{
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd >= 0)
		lseek(log_fd, 0, SEEK_END);
}

/* The driver's words for the reasons of the specification. */
static const char *fault_reason(const char *word)
{
	if (strcmp(word, "page") == 0)
		return "mapping";
	return strcmp(word, "domain") == 0 ? "domain" : "unknown";
}

/* `page fault from EP 288 at 0x1000 [W]`; the part from ` at` is missing if the record had no address. */
static void keep_fault(const char *message)
{
	struct fault fault = { .has_address = false };
	char word[16];

	int fields = sscanf(message, "%15s fault from EP %lu at %llx", word, &fault.endpoint_id, &fault.address);
	if (fields < 2)
		return;
	any_fault = true;
	if (fault_count == MAX_FAULTS)
		return;
	fault.reason = fault_reason(word);
	fault.has_address = fields == 3;
	faults[fault_count++] = fault;
}

/* A record is `priority,sequence,time,flags;text`, then lines of key and value. */
static void keep_record(char *record)
{
	char *text = strchr(record, ';');

	if (text == NULL)
		return;
	text[1 + strcspn(text + 1, "\n")] = '\0';
	char *driver = strstr(text, "virtio_iommu ");
	if (driver == NULL)
		return;
	char *message = strstr(driver, ": ");
	if (message != NULL)
		keep_fault(message + 2);
	if ((strtoul(record, NULL, 10) & 7) <= KERNEL_WARNING)
		snprintf(complaint, sizeof complaint, "%s", driver);
}

void read_kernel_log(void)
{
	char record[8192];

	for (;;) {
		ssize_t got = read(log_fd, record, sizeof record - 1);
		if (got < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (got <= 0)
			return;
		record[got] = '\0';
		keep_record(record);
	}
}

void forget_kernel_log(void)
{
	read_kernel_log();
	fault_count = 0;
	any_fault = false;
	complaint[0] = '\0';
}

bool faults_were_reported(void)
{
	return any_fault;
}

const char *iommu_complaint(void)
{
	return complaint;
}

static bool fault_was_reported(const void *unused)
{
	(void)unused;
	read_kernel_log();
	return fault_count > 0;
}

void verb_faults(const struct command *command, struct answer *answer)
{
	(void)command;
	wait_until(fault_was_reported, NULL, SETTLE_MS);
	add_value(answer, fault_count == 0 ? "  faults: []\n" : "  faults:\n");
	for (int index = 0; index < fault_count; index++) {
		const struct fault *fault = &faults[index];
		add_value(answer, "    - \"%s endpoint=0x%lx", fault->reason, fault->endpoint_id);
		if (fault->has_address)
			add_value(answer, " address=0x%llx", fault->address);
		add_value(answer, "\"\n");
	}
	fault_count = 0;
}

/* Lines of `0x… 0x… type`, the end being inclusive. */
static void add_regions(struct answer *answer, char *text)
{
	unsigned long long start, end;
	char type[32], *rest = NULL;
	bool any = false;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%llx %llx %31s", &start, &end, type) != 3)
			continue;
		add_value(answer, "%s    - \"0x%llx 0x%llx %s\"\n", any ? "" : "  regions:\n", start, end,
			  strcmp(type, "msi") == 0 ? "msi" : "reserved");
		any = true;
	}
	if (!any)
		add_value(answer, "  regions: []\n");
}

void verb_regions(const struct command *command, struct answer *answer)
{
	char text[8192], driver[MAX_NAME_BYTES];
	struct endpoint *endpoint = endpoint_argument(command, answer);

	if (endpoint == NULL)
		return;
	/* The kernel asks about an endpoint when a driver takes it, and this one may have none. */
	bool borrowed = !device_driver(endpoint->address, driver, sizeof driver) &&
			bind_device(endpoint->address, "vfio-pci");
	bool known = read_file(text, sizeof text, "/sys/bus/pci/devices/%s/iommu_group/reserved_regions",
			       endpoint->address);
	if (borrowed) {
		unbind_device(endpoint->address);
		bind_device(endpoint->address, NULL);
	}
	if (known)
		add_regions(answer, text);
	else
		refuse(answer, "the kernel has no IOMMU group for %s: no IOMMU driver manages it", endpoint->name);
}
