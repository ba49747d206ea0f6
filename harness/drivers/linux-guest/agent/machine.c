/* The machine file: which functions are IOMMUs and which are endpoints. */
#include "agent.h"

#include <stdio.h>
#include <string.h>

char iommu_addresses[MAX_IOMMUS][MAX_NAME_BYTES];
int iommu_count;
char bridge_address[MAX_NAME_BYTES];
struct endpoint endpoints[MAX_ENDPOINTS];
int endpoint_count;

static void add_endpoint(const char *name, const char *kind, const char *address)
{
	if (endpoint_count == MAX_ENDPOINTS)
		return;
	struct endpoint *endpoint = &endpoints[endpoint_count++];
	snprintf(endpoint->name, sizeof endpoint->name, "%s", name);
	snprintf(endpoint->address, sizeof endpoint->address, "0000:%s", address);
	endpoint->own = own_driver_for(kind);
	endpoint->domain = NULL;
	endpoint->group_fd = endpoint->device_fd = -1;
}

static void read_machine_line(char *line)
{
	const char *name = NULL, *kind = "", *address = NULL;
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
	}
	if (address == NULL)
		return;
	if (strcmp(thing, "iommu") == 0 && iommu_count < MAX_IOMMUS)
		snprintf(iommu_addresses[iommu_count++], MAX_NAME_BYTES, "0000:%s", address);
	else if (strcmp(thing, "bridge") == 0)
		snprintf(bridge_address, sizeof bridge_address, "0000:%s", address);
	else if (strcmp(thing, "endpoint") == 0 && name != NULL)
		add_endpoint(name, kind, address);
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

	if (endpoint == NULL || function_present(endpoint->address))
		return endpoint;
	refuse(answer, "the endpoint %s is not on the bus", endpoint->name);
	return NULL;
}
