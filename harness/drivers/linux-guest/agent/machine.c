/* The machine file: which devices are IOMMUs and which are endpoints. Lines that say where windows are come first. */
#include "agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct window windows[MAX_WINDOWS];
int window_count;
char iommu_addresses[MAX_IOMMUS][MAX_NAME_BYTES];
int iommu_count;
char bridge_address[MAX_NAME_BYTES];
struct endpoint endpoints[MAX_ENDPOINTS];
int endpoint_count;

static const char *window_device(unsigned long address)
{
	for (int index = 0; index < window_count; index++)
		if (windows[index].address == address)
			return windows[index].device;
	return NULL;
}

/* What the machine file calls a device by its place becomes its name in sysfs; false if the kernel has none for it. */
static bool name_in_sysfs(char *name, const char *address, bool in_window)
{
	const char *device = in_window ? window_device(strtoul(address, NULL, 16)) : address;

	if (device != NULL)
		snprintf(name, MAX_NAME_BYTES, "%s%s", in_window ? "" : "0000:", device);
	return device != NULL;
}

static void add_window(const char *address, const char *carrier, const char *device)
{
	if (window_count == MAX_WINDOWS)
		return;
	struct window *window = &windows[window_count++];
	window->address = strtoul(address, NULL, 16);
	snprintf(window->carrier, sizeof window->carrier, "0000:%s", carrier);
	snprintf(window->device, sizeof window->device, "%s", device);
}

static void add_endpoint(const char *name, const char *kind, const char *address, bool in_window)
{
	if (endpoint_count == MAX_ENDPOINTS)
		return;
	struct endpoint *endpoint = &endpoints[endpoint_count++];
	if (!name_in_sysfs(endpoint->address, address, in_window)) {
		endpoint_count--;
		return;
	}
	snprintf(endpoint->name, sizeof endpoint->name, "%s", name);
	endpoint->own = own_driver_for(kind);
	endpoint->domain = NULL;
	endpoint->passes_by = false;
	endpoint->group_fd = endpoint->device_fd = -1;
}

static void read_machine_line(char *line)
{
	const char *name = NULL, *kind = "", *address = NULL, *carrier = "", *device = "";
	bool in_window = false;
	char *rest = NULL;
	const char *thing = strtok_r(line, " ", &rest);

	if (thing == NULL)
		return;
	for (char *word = strtok_r(NULL, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
		if (strncmp(word, "name=", 5) == 0)
			name = word + 5;
		else if (strncmp(word, "kind=", 5) == 0)
			kind = word + 5;
		else if (strncmp(word, "address=", 8) == 0)
			address = word + 8;
		else if (strncmp(word, "carrier=", 8) == 0)
			carrier = word + 8;
		else if (strncmp(word, "device=", 7) == 0)
			device = word + 7;
		else if (strcmp(word, "transport=mmio") == 0)
			in_window = true;
	}
	if (address == NULL)
		return;
	if (strcmp(thing, "window") == 0)
		add_window(address, carrier, device);
	else if (strcmp(thing, "iommu") == 0 && iommu_count < MAX_IOMMUS)
		iommu_count += name_in_sysfs(iommu_addresses[iommu_count], address, in_window);
	else if (strcmp(thing, "bridge") == 0)
		snprintf(bridge_address, sizeof bridge_address, "0000:%s", address);
	else if (strcmp(thing, "endpoint") == 0 && name != NULL)
		add_endpoint(name, kind, address, in_window);
}

bool read_machine(void)
{
	char text[4096], *rest = NULL;

	if (!read_file(text, sizeof text, "/machine"))
		return false;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		read_machine_line(line);
	return iommu_count > 0;
}

struct endpoint *place_argument(const struct command *command, struct answer *answer)
{
	const char *name;

	if (!text_argument(command, answer, "endpoint", &name))
		return NULL;
	for (int index = 0; index < endpoint_count; index++)
		if (strcmp(endpoints[index].name, name) == 0)
			return &endpoints[index];
	refuse(answer, "there is no endpoint %s", name);
	return NULL;
}

struct endpoint *endpoint_argument(const struct command *command, struct answer *answer)
{
	struct endpoint *endpoint = place_argument(command, answer);

	if (endpoint == NULL || device_present(endpoint->address))
		return endpoint;
	refuse(answer, "the endpoint %s is not on the bus", endpoint->name);
	return NULL;
}
