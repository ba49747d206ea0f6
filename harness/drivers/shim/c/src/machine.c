/* The machine file: which devices there are, where their sockets are, and what describes them. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPOLOGY_MAX ((size_t)1 << 20)

/* Reads a PCI address as lspci writes it. */
static bool read_bdf(const char *text, uint16_t *bdf)
{
	unsigned bus, device, function;

	if (text == NULL || sscanf(text, "%2x:%2x.%1x", &bus, &device, &function) != 3 || device > 31 || function > 7)
		return false;
	*bdf = (uint16_t)(bus << 8 | device << 3 | function);
	return true;
}

static bool read_place(struct vs_device *device, const struct vs_command *line)
{
	const char *transport = vs_command_word(line, "transport");
	uint64_t interrupt = 0;

	if (transport == NULL || strcmp(transport, "pci") == 0) {
		device->bus = VS_PCI;
		return read_bdf(vs_command_word(line, "address"), &device->bdf);
	}
	device->bus = VS_MMIO;
	if (!vs_command_number(line, "address", &device->address) || !vs_command_number(line, "length", &device->length))
		return false;
	if (vs_command_number(line, "interrupt", &interrupt))
		device->interrupt = (unsigned)interrupt;
	return true;
}

static bool add_device(struct vs_machine *machine, const struct vs_command *line, bool is_iommu)
{
	const char *given = vs_command_word(line, "name");
	const char *name = is_iommu && given == NULL ? "iommu" : given;
	const char *kind = is_iommu ? "virtio-iommu" : vs_command_word(line, "kind");
	const char *socket = vs_command_word(line, "socket");
	struct vs_device *devices = realloc(machine->devices, (machine->device_count + 1) * sizeof *devices);

	if (devices == NULL)
		return false;
	machine->devices = devices;
	if (is_iommu && machine->iommu_count < machine->device_count) {
		vs_log("the machine file has an IOMMU behind an endpoint");
		return false;
	}
	struct vs_device *device = &devices[machine->device_count];
	memset(device, 0, sizeof *device);
	if (name == NULL || kind == NULL || socket == NULL || !read_place(device, line)) {
		vs_log("the machine file describes a device without name, kind, address or socket");
		return false;
	}
	snprintf(device->name, sizeof device->name, "%s", name);
	snprintf(device->kind, sizeof device->kind, "%s", kind);
	device->connection = vs_connect(socket);
	if (device->connection == NULL)
		return false;
	machine->device_count++;
	machine->iommu_count += is_iommu;
	return vs_share_memory(device->connection, vs_pool_fd(machine->memory), VS_MEMORY_BASE, vs_pool_size(machine->memory));
}

static bool read_topology(struct vs_machine *machine, const struct vs_command *line)
{
	const char *viot = vs_command_word(line, "viot");
	const char *path = viot != NULL ? viot : vs_command_word(line, "device-tree");
	FILE *file = path == NULL ? NULL : fopen(path, "rb");

	if (file == NULL) {
		vs_log("the topology cannot be read: %s", path == NULL ? "its form is unknown" : strerror(errno));
		return false;
	}
	machine->description = viot != NULL ? VS_VIOT : VS_DEVICE_TREE;
	machine->topology = malloc(TOPOLOGY_MAX);
	if (machine->topology != NULL)
		machine->topology_size = fread(machine->topology, 1, TOPOLOGY_MAX, file);
	fclose(file);
	return machine->topology_size > 0;
}

/* Lines that are not known here are for later versions. */
static bool obey_line(struct vs_machine *machine, char *text)
{
	struct vs_command line;

	vs_command_read(&line, text);
	if (strcmp(line.verb, "iommu") == 0)
		return add_device(machine, &line, true);
	if (strcmp(line.verb, "endpoint") == 0)
		return add_device(machine, &line, false);
	if (strcmp(line.verb, "topology") == 0)
		return read_topology(machine, &line);
	return true;
}

static bool read_machine(struct vs_machine *machine, FILE *file)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, file) >= 0)
		good = obey_line(machine, line);
	free(line);
	if (good && machine->iommu_count == 0) {
		vs_log("the machine file has no IOMMU");
		good = false;
	}
	return good;
}

struct vs_machine *vs_machine_open(size_t memory_size)
{
	const char *path = getenv("VIOMMUSPEC_MACHINE");
	FILE *file = path == NULL ? NULL : fopen(path, "r");

	if (file == NULL) {
		vs_log("VIOMMUSPEC_MACHINE has to name the machine file (%s): a shim is started by viommuspec, not by hand",
		       path == NULL ? "it is not set" : strerror(errno));
		return NULL;
	}
	struct vs_machine *machine = calloc(1, sizeof *machine);
	if (machine != NULL) {
		machine->names = calloc(1, sizeof *machine->names);
		machine->memory = vs_pool_open(memory_size);
	}
	bool good = machine != NULL && machine->names != NULL && machine->memory != NULL && read_machine(machine, file);
	fclose(file);
	if (good)
		return machine;
	vs_machine_close(machine);
	return NULL;
}

void vs_machine_close(struct vs_machine *machine)
{
	if (machine == NULL)
		return;
	for (size_t index = 0; index < machine->device_count; index++)
		vs_disconnect(machine->devices[index].connection);
	vs_pool_close(machine->memory);
	if (machine->names != NULL)
		vs_names_clear(machine->names);
	free(machine->names);
	free(machine->devices);
	free(machine->topology);
	free(machine);
}

struct vs_device *vs_endpoint(struct vs_machine *machine, const char *name)
{
	for (size_t index = machine->iommu_count; index < machine->device_count; index++)
		if (strcmp(machine->devices[index].name, name) == 0)
			return &machine->devices[index];
	return NULL;
}
