/*
 * start, stop, release, plug, unplug.
 *
 * `start` repeats what a boot does, in a boot's order. The bus is scanned first, so the endpoints are there before the
 * IOMMU's driver is; the driver core holds their drivers back (deferred probing) because the platform description puts
 * them behind an IOMMU that has no driver yet. Then the IOMMU's module is loaded and its function bound; when it has
 * come up, the core lets the endpoints' functions go on, and their drivers come up one after the other. A driver stack
 * that would let an endpoint do DMA too early thus has the chance to. If the IOMMU's driver gives up, the endpoints
 * stay held back: the boot's time limit for that is off (deferred_probe_timeout=-1), so every `start` looks like one in
 * the first seconds of a boot.
 *
 * `stop` takes everything down from the PCI function upwards, so that the next `start` begins with a reset device and
 * a driver without memory: functions are removed from the bus, so that configuration space is read afresh, and windows are
 * unbound from virtio-mmio. The
 * module is unloaded too if it has reported faults: it counts them to limit their rate, and would keep the next ones
 * to itself.
 *
 * An endpoint in a window is a platform device, which nothing takes off its bus, and an IOMMU cannot be unbound while a
 * device is behind it: viommu_remove() takes its own entry out of sysfs first, and crashes on the links of those devices.
 * There `stop` takes the endpoints down and says that it goes no further, and the next machine comes with a new boot.
 */
#include "agent.h"

#include <errno.h>
#include <string.h>

#define TAKE_DOWN_TIMEOUT_MS 1000
#define DRIVER_NAME "virtio_iommu"
#define STUCK "this kernel gives up no IOMMU while a platform device is behind it"

static bool is_up(const char *address)
{
	char driver[MAX_NAME_BYTES];

	return virtio_device(address, driver, sizeof driver) >= 0 && strcmp(driver, DRIVER_NAME) == 0;
}

bool iommu_is_up(void)
{
	for (int index = 0; index < iommu_count; index++)
		if (is_up(iommu_addresses[index]))
			return true;
	return false;
}

static bool module_is_gone(const void *unused)
{
	(void)unused;
	return unload_iommu_module();
}

/* Whether an IOMMU would be unbound above a device that stays. */
static bool is_stuck(void)
{
	for (int index = 0; index < endpoint_count; index++)
		if (!is_function(endpoints[index].address) && iommu_is_up())
			return true;
	return false;
}

static void take_endpoints_down(void)
{
	for (int index = 0; index < endpoint_count; index++) {
		leave_domain(&endpoints[index]);
		remove_device(endpoints[index].address);
		endpoints[index].passes_by = false;
		end_transfers(&endpoints[index]);
	}
}

void take_down(void)
{
	take_endpoints_down();
	/* The kernel may have made it an endpoint, and an IOMMU cannot be unbound below one (6.12 crashes). */
	if (bridge_address[0] != '\0')
		remove_device(bridge_address);
	drop_domains();
	drop_buffers();
	for (int index = 0; index < iommu_count; index++)
		remove_device(iommu_addresses[index]);
	read_kernel_log();
	/* The last reference may be dropped a moment after the unbinding. */
	if (faults_were_reported())
		wait_until(module_is_gone, NULL, TAKE_DOWN_TIMEOUT_MS);
}

/* An IOMMU's virtio device is bound to the driver under test once what it is on has a driver; `answer` says why not. */
static void bind_iommu(const char *address, struct answer *answer)
{
	if (!device_present(address)) {
		refuse(answer, "the IOMMU %s is not on its bus", address);
		return;
	}
	if (!load_iommu_module()) {
		refuse(answer, "the kernel refused the module of its virtio-iommu driver: %s", strerror(errno));
		return;
	}
	if (!bind_device(address, NULL)) {
		refuse(answer, "%s did not take the IOMMU %s", is_function(address) ? "virtio-pci" : "virtio-mmio", address);
		return;
	}
	if (bind_virtio(address, DRIVER_NAME) && is_up(address))
		return;
	int error = errno;
	read_kernel_log();
	const char *complaint = iommu_complaint();
	if (complaint[0] != '\0')
		refuse(answer, "the kernel says: %s", complaint);
	else
		refuse(answer, "the driver " DRIVER_NAME " did not take the device: %s", strerror(error));
}

void verb_start(const struct command *command, struct answer *answer)
{
	(void)command;
	if (is_stuck()) {
		refuse(answer, STUCK);
		return;
	}
	take_down();
	forget_kernel_log();
	rescan_bus();
	for (int index = 0; index < endpoint_count; index++) {
		/* A scan has offered functions to their drivers already. */
		if (!is_function(endpoints[index].address))
			bind_device(endpoints[index].address, NULL);
		/* Those that are not held back: the platform says that no IOMMU manages them. */
		bring_up(&endpoints[index]);
	}
	/* Endpoints of an IOMMU that does not come up stay held back; the others go on. */
	for (int index = 0; index < iommu_count; index++)
		bind_iommu(iommu_addresses[index], answer);
	if (!iommu_is_up())
		return;
	/* Nothing drives a bridge; but the core has to find its IOMMU before it looks for those of what is behind it. */
	if (bridge_address[0] != '\0')
		bind_device(bridge_address, NULL);
	for (int index = 0; index < endpoint_count; index++) {
		if (endpoints[index].own == NULL || !device_present(endpoints[index].address))
			continue;
		/* The core does this by itself a little later; asking for it means waiting for it. */
		bind_device(endpoints[index].address, NULL);
		bring_up(&endpoints[index]);
	}
}

void verb_load(const struct command *command, struct answer *answer)
{
	const char *module;

	if (text_argument(command, answer, "module", &module) && !load_named_module(module) && module_never_ran(errno))
		refuse(answer, "%s", strerror(errno));
}

void verb_stop(const struct command *command, struct answer *answer)
{
	(void)command;
	if (is_stuck()) {
		take_endpoints_down();
		refuse(answer, STUCK);
		return;
	}
	take_down();
}

void verb_release(const struct command *command, struct answer *answer)
{
	struct endpoint *endpoint = endpoint_argument(command, answer);

	if (endpoint == NULL)
		return;
	leave_domain(endpoint);
	unbind_device(endpoint->address);
	end_transfers(endpoint);
}

/* What a hot-plug controller makes the kernel do, asked for by hand: the bus is scanned, and drivers bind. */
void verb_plug(const struct command *command, struct answer *answer)
{
	struct endpoint *endpoint = place_argument(command, answer);

	if (endpoint == NULL)
		return;
	rescan_bus();
	if (!device_present(endpoint->address)) {
		refuse(answer, "the endpoint %s is not on the bus", endpoint->name);
		return;
	}
	if (endpoint->own != NULL)
		bind_device(endpoint->address, NULL);
	bring_up(endpoint);
}

void verb_unplug(const struct command *command, struct answer *answer)
{
	struct endpoint *endpoint = place_argument(command, answer);

	if (endpoint == NULL)
		return;
	leave_domain(endpoint);
	remove_device(endpoint->address);
	end_transfers(endpoint);
}
