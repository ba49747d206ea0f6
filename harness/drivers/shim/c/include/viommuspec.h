/*
 * Makes a program a shim of viommuspec: the driver under test is yours, the rest is here.
 * The contract that this library keeps is harness/driver-contract/VERBS.md; PORTING.md leads through it.
 *
 * Only one thread may use the library. Functions that can fail for a reason of their own write a sentence to stderr,
 * which is the driver's log. When the harness has gone, the program ends.
 */
#ifndef VIOMMUSPEC_H
#define VIOMMUSPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The machine ------------------------------------------------------------------------------------------------ */

enum vs_bus { VS_PCI, VS_MMIO };
enum vs_description { VS_VIOT, VS_DEVICE_TREE };

/* Bytes of a name, with its end. */
#define VS_NAME_SIZE 64

/* A device: the IOMMU, or an endpoint that may or may not be there. */
struct vs_device {
	/* As commands name it; "iommu" for the first IOMMU. */
	char name[VS_NAME_SIZE];
	/* "virtio-iommu", or what the machine file says: "virtio-rng", "dma-engine", and others that you may not know. */
	char kind[VS_NAME_SIZE];
	enum vs_bus bus;
	/* PCI: bus << 8 | device << 3 | function. */
	uint16_t bdf;
	/* MMIO: where the window of registers lies in the guest's physical space, and its bytes. */
	uint64_t address;
	uint64_t length;
	/* MMIO: the number by which a device tree calls its interrupt. */
	unsigned interrupt;
	/* Yours to use. */
	void *driver;
	struct vs_connection *connection;
};

struct vs_machine {
	/* The IOMMU comes first, more of them only if the manifest asks for it, and then the endpoints. */
	struct vs_device *devices;
	size_t iommu_count;
	size_t device_count;
	/* The whole ACPI table or flattened device tree. */
	enum vs_description description;
	uint8_t *topology;
	size_t topology_size;
	struct vs_memory_pool *memory;
	struct vs_names *names;
};

/*
 * Reads the machine file, connects to every device, and shares `memory_size` bytes of guest memory with all of them.
 * NULL, with a sentence on stderr, if that cannot be done.
 */
struct vs_machine *vs_machine_open(size_t memory_size);
void vs_machine_close(struct vs_machine *machine);

/* The endpoint of that name, or NULL. An IOMMU is no endpoint. */
struct vs_device *vs_endpoint(struct vs_machine *machine, const char *name);

/* ---- Registers -------------------------------------------------------------------------------------------------- */

/* PCI: regions 0 to 5 are the BARs, at whatever address. MMIO: region 0 is the window. */
#define VS_CONFIG_SPACE 7

/*
 * One access of `width` 1, 2, 4 or 8 bytes on the bus, little-endian. What the harness refuses reads as all ones, and the
 * reason stands in the report beside your log.
 */
uint64_t vs_read(struct vs_device *device, unsigned region, uint64_t offset, unsigned width);
void vs_write(struct vs_device *device, unsigned region, uint64_t offset, unsigned width, uint64_t value);
/* Bytes of a region; 0 if the device has none of that number. */
uint64_t vs_region_size(struct vs_device *device, unsigned region);

/* ---- Guest memory ----------------------------------------------------------------------------------------------- */

/* Memory that devices reach at `physical` and the driver at `cpu`. */
struct vs_memory {
	void *cpu;
	uint64_t physical;
	size_t size;
};

/*
 * At least `size` zeroed bytes; the size becomes a multiple of `alignment`, and so does the physical address. `alignment` is
 * a power of two, and counts as a page if it is less. False if there is no room.
 */
bool vs_allocate(struct vs_machine *machine, size_t size, size_t alignment, struct vs_memory *memory);
/* Gives memory back, to be used again at once. */
void vs_release(struct vs_machine *machine, const struct vs_memory *memory);

/* ---- Interrupts ------------------------------------------------------------------------------------------------- */

/* Interrupts of the device: MSI-X vectors on PCI, one line on MMIO. */
unsigned vs_interrupt_count(const struct vs_device *device);
/* An eventfd, for a loop of your own; -1 if there is no such vector. */
int vs_interrupt_fd(const struct vs_device *device, unsigned vector);
/* How often the device has interrupted since the last call. */
uint64_t vs_interrupt_take(struct vs_device *device, unsigned vector);
/* Waits until any of the first `vector_count` vectors has something to take, or `timeout_ms` have passed: then false. */
bool vs_interrupt_wait(struct vs_device *device, unsigned vector_count, int timeout_ms);

/* ---- Commands --------------------------------------------------------------------------------------------------- */

#define VS_READABLE 1u
#define VS_WRITABLE 2u

/* A buffer of the harness, by the name that it gave it. The library makes it and looks into it for `poke` and `peek`. */
struct vs_buffer {
	char name[VS_NAME_SIZE];
	struct vs_memory memory;
	/* Bytes that were asked for. */
	uint64_t length;
	/* Yours to use, e.g. for the address that `alloc` has chosen. */
	uint64_t address;
};

/*
 * A number for a name of the harness, from 1 on, and the same until `stop`: for drivers that keep no list of domains of their
 * own. 0 if there is no memory.
 */
uint32_t vs_number(struct vs_machine *machine, const char *name);

struct vs_list;
/* Add an entry to what `regions` and `faults` answer. */
void vs_add_region(struct vs_list *list, uint64_t first, uint64_t last, bool msi);
/* `reason` is "unknown", "domain" or "mapping"; `address` is NULL if the record had none. */
void vs_add_fault(struct vs_list *list, const char *reason, uint32_t endpoint, const uint64_t *address);

/* Returned in place of a sentence: the driver has no such ability for this endpoint or machine. */
extern const char vs_skip[];

/*
 * One callback a verb, with the verb's arguments read and checked. It gives NULL when it did what was asked, or else a
 * sentence that says why not, without a full stop; the text has to live until the next command. What each verb means stands
 * in VERBS.md. A verb without a callback is answered with SKIP; `poke` and `peek` need none.
 */
struct vs_driver {
	/* Called before every verb but `start` and `stop`, to handle what has happened since; may be NULL. */
	void (*attend)(void *context);
	/* Not called while all is up: from a start that went well until `stop`, `shutdown` or `lose_iommu`. */
	const char *(*start)(void *context);
	/* All buffers are gone when it comes back. */
	const char *(*stop)(void *context);
	const char *(*attach)(void *context, struct vs_device *endpoint, const char *domain, bool bypass);
	const char *(*detach)(void *context, struct vs_device *endpoint, const char *domain);
	const char *(*map)(void *context, const char *domain, uint64_t iova, uint64_t length, unsigned access,
			   struct vs_buffer *buffer);
	const char *(*unmap)(void *context, const char *domain, uint64_t iova, uint64_t length);
	/* The buffer is new, and is given back if this fails. */
	const char *(*alloc)(void *context, struct vs_device *endpoint, struct vs_buffer *buffer, unsigned access,
			     uint64_t *iova);
	/* The buffer is one of `alloc`; its memory is given back unless this fails. */
	const char *(*free)(void *context, struct vs_device *endpoint, struct vs_buffer *buffer);
	const char *(*io)(void *context, struct vs_device *endpoint, uint64_t length, uint64_t *moved);
	const char *(*bypass)(void *context, bool value);
	const char *(*regions)(void *context, struct vs_device *endpoint, struct vs_list *list);
	const char *(*faults)(void *context, struct vs_list *list);
	const char *(*release)(void *context, struct vs_device *endpoint);
	/* `size` is the number of entries that each ring of the endpoint is to have. */
	const char *(*resize)(void *context, struct vs_device *endpoint, uint64_t size);
	/* `queue` is "requestq" or "eventq". */
	const char *(*reset_queue)(void *context, const char *queue);
	const char *(*suspend)(void *context);
	const char *(*resume)(void *context);
	const char *(*plug)(void *context, struct vs_device *endpoint);
	const char *(*unplug)(void *context, struct vs_device *endpoint);
	const char *(*lose_iommu)(void *context);
	const char *(*end_domain)(void *context, const char *domain);
	/* Every device comes to rest, the IOMMU last; `stop` follows. */
	const char *(*shutdown)(void *context);
	/* The granule of buffers, for drivers that learn it at `start`; may be NULL: pages. */
	size_t (*buffer_alignment)(void *context);
};

/*
 * Answers commands until stdin ends. Gives the exit code of the program. Nobody else may write to stdout.
 * VIOMMUSPEC_WAIT=1 in the environment makes it wait for a debugger first.
 */
int vs_serve(struct vs_machine *machine, const struct vs_driver *driver, void *context);

#ifdef __cplusplus
}
#endif

#endif
