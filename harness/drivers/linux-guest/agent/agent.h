/* The agent: /init of the guest. It speaks the driver's contract and lets the stock kernel do the work. */
#ifndef AGENT_H
#define AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_COMMAND_BYTES 32768
#define MAX_ARGUMENTS 16
#define MAX_VALUE_BYTES 65536
#define MAX_ENDPOINTS 16
#define MAX_IOMMUS 4
#define MAX_WINDOWS 2
#define MAX_NAME_BYTES 64
#define MAX_PATH_BYTES 256

/* --- contract.c: commands in, TAP out --- */

struct command {
	const char *verb;
	int argument_count;
	struct {
		const char *key;
		const char *value;
	} arguments[MAX_ARGUMENTS];
};

enum outcome { OUTCOME_OK, OUTCOME_NOT_OK, OUTCOME_SKIP };

struct answer {
	enum outcome outcome;
	char reason[512];
	char values[MAX_VALUE_BYTES];
	size_t values_used;
};

/* Reads one line into `command`, which points into a static buffer; false at the end of the input. */
bool read_command(int fd, struct command *command);
void write_header(int fd);
/* What comes last. */
void write_plan(int fd);
void write_answer(int fd, const struct command *command, const struct answer *answer);

/* Each makes `answer` what its name says; the sentence follows printf. */
void refuse(struct answer *answer, const char *sentence, ...) __attribute__((format(printf, 2, 3)));
void skip(struct answer *answer, const char *sentence, ...) __attribute__((format(printf, 2, 3)));
/* Adds text to the YAML block: whole lines, indented by two blanks. */
void add_value(struct answer *answer, const char *text, ...) __attribute__((format(printf, 2, 3)));

/* The value of `key`, or NULL. */
const char *optional_text(const struct command *command, const char *key);
/* These refuse the command and give false if the argument is missing or malformed. */
bool text_argument(const struct command *command, struct answer *answer, const char *key, const char **text);
bool number_argument(const struct command *command, struct answer *answer, const char *key, uint64_t *number);

/* --- files.c: sysfs and friends --- */

/* Paths are printf formats. Each gives false if the file cannot be had; errno says why. */
bool write_file(const char *text, const char *path, ...) __attribute__((format(printf, 2, 3)));
bool read_file(char *text, size_t size, const char *path, ...) __attribute__((format(printf, 3, 4)));
bool file_exists(const char *path, ...) __attribute__((format(printf, 1, 2)));
/* The last component of a symbolic link's target. */
bool read_link_name(char *name, size_t size, const char *path, ...) __attribute__((format(printf, 3, 4)));
/* Calls `done` every millisecond until it is true, at most `timeout_ms`. */
bool wait_until(bool (*done)(const void *), const void *subject, unsigned int timeout_ms);

/* --- modules.c --- */

/* Loads every module of /modules/order but those that are loaded when they are needed. */
void load_boot_modules(void);
/* Its driver looks at all windows at once, so these have to be in their places. */
void load_window_module(void);
/* These are true if there is nothing to do because the driver is built into the kernel. */
bool load_iommu_module(void);
bool load_named_module(const char *name);
bool unload_iommu_module(void);
/*
 * Not every run has a disk, a network card, or a case that takes an endpoint from its driver, and loading a module takes
 * 25 to 60 ms.
 */
void load_disk_module(void);
void load_net_modules(void);
void load_vfio_modules(void);
/* True if `error`, with which a module was refused, is the loader's and not one of the module's own code. */
bool module_never_ran(int error);

/* --- machine.c: who sits where --- */

struct domain;
struct own_driver;

/* Registers of a platform device, behind the BAR of a PCI function. */
struct window {
	unsigned long address;
	/* Names in sysfs of the function and of the device. */
	char carrier[MAX_NAME_BYTES];
	char device[MAX_NAME_BYTES];
};

struct endpoint {
	char name[MAX_NAME_BYTES];
	/* Its name in sysfs. */
	char address[MAX_NAME_BYTES];
	/* The kernel's driver for this kind of endpoint, or NULL. */
	const struct own_driver *own;
	/* The kernel's name for what the driver makes of it, while it is up. */
	char device_name[MAX_NAME_BYTES];
	/* Where VFIO has put it; NULL while it is in its own driver's hands. */
	struct domain *domain;
	/* Its group is in an identity domain. */
	bool passes_by;
	/* The process that keeps its driver busy, or 0. */
	pid_t worker;
	int group_fd;
	int device_fd;
};

extern struct window windows[MAX_WINDOWS];
extern int window_count;
extern char iommu_addresses[MAX_IOMMUS][MAX_NAME_BYTES];
extern int iommu_count;
/* Of the bridge, or "". */
extern char bridge_address[MAX_NAME_BYTES];
extern struct endpoint endpoints[MAX_ENDPOINTS];
extern int endpoint_count;

/* Reads /machine; false if it names no IOMMU. */
bool read_machine(void);
/* The endpoint that the argument `endpoint` names, whether it is plugged in or not; refuses the command if there is none. */
struct endpoint *place_argument(const struct command *command, struct answer *answer);
/* The endpoint that the argument `endpoint` names and that is plugged in; refuses the command otherwise. */
struct endpoint *endpoint_argument(const struct command *command, struct answer *answer);

/* --- bus.c: devices by their names in sysfs, such as 0000:00:03.0 on the PCI bus and LNRO0005:00 on the platform --- */

/* Whether it is a PCI function; all others are platform devices. */
bool is_function(const char *address);
bool device_present(const char *address);
/* The name of the driver that is bound to the device; false if none is. */
bool device_driver(const char *address, char *name, size_t size);
void unbind_device(const char *address);
/* Lets `driver` have the device, or with NULL the driver that fits; true if one took it. */
bool bind_device(const char *address, const char *driver);
/* The number of the virtio device on it, or -1; `driver` becomes its driver's name or "". */
int virtio_device(const char *address, char *driver, size_t size);
/* From now on, drivers of virtio devices (not of what they are on) come up when told to, one after the other. */
void bind_virtio_by_hand(void);
/* Lets `driver` have the virtio device on it; false, and errno, if it does not take it. */
bool bind_virtio(const char *address, const char *driver);
/* Finds the name under which the virtio device has come up in a class like `block`; false if it has not. */
bool find_product(struct endpoint *endpoint, const char *class_name);

/* --- pci.c --- */

/* Unbinds the device, and takes it off its bus if that is PCI: a platform device stays. */
void remove_device(const char *address);
void rescan_bus(void);
/* Lets the function answer and master the bus, as its driver would. */
void switch_on(const char *address);
/* Moves the BAR of the window's carrier to where the platform says that the window is. */
void place_window(const struct window *window);

/* --- lifecycle.c --- */

/* Whether any is. */
bool iommu_is_up(void);
void take_down(void);

/* Lets the endpoint's own driver come up; does nothing for an endpoint that has none or is not there. */
void bring_up(struct endpoint *endpoint);

/* --- io.c, rng.c, disk.c, net.c --- */

/* A driver of the kernel's for a kind of virtio endpoint, and how to make it do transfers. */
struct own_driver {
	/* As the machine file calls the endpoint. */
	const char *kind;
	/* On the virtio bus. */
	const char *name;
	/* Binds the driver, and finds the name of what it makes of the endpoint. */
	void (*bring_up)(struct endpoint *endpoint);
	/* Directs the next transfer to the endpoint; false if the kernel does not let it. */
	bool (*choose)(const struct endpoint *endpoint);
	/* Runs in a process of its own: a transfer that never ends blocks whoever waits for it. True if all went well. */
	bool (*transfer)(const struct endpoint *endpoint, size_t length);
	/* Gives the rings that many entries while the driver is up; false, and errno, if it does not. NULL if it cannot. */
	bool (*resize)(const struct endpoint *endpoint, uint32_t size);
};

extern const struct own_driver rng_driver, disk_driver, net_driver;

/* The driver for endpoints of that kind, or NULL. */
const struct own_driver *own_driver_for(const char *kind);
/* Nobody makes the endpoint's driver do transfers any more. */
void end_transfers(struct endpoint *endpoint);

/* --- vfio.c, buffers.c --- */

/* Takes the endpoint out of its domain; vfio-pci stays bound. */
void leave_domain(struct endpoint *endpoint);
void drop_domains(void);

struct buffer;
/* The buffer of that name, made if need be, with `length` bytes in memory; refuses the command if it cannot be. */
struct buffer *buffer_for(struct answer *answer, const char *name, uint64_t length);
void *buffer_memory(struct buffer *buffer);
void drop_buffers(void);

/* --- kernel-log.c --- */

void open_kernel_log(void);
/* Reads what is new: keeps faults and the IOMMU driver's last complaint. */
void read_kernel_log(void);
void forget_kernel_log(void);
/* Since the log was last forgotten, whether or not a command has asked for them. */
bool faults_were_reported(void);
/* The last warning or error of the IOMMU's driver, or "". */
const char *iommu_complaint(void);

/* --- the verbs --- */

void verb_start(const struct command *command, struct answer *answer);
/* Of the harness's own, before any case: refused if the kernel cannot even load the module that is named. */
void verb_load(const struct command *command, struct answer *answer);
void verb_stop(const struct command *command, struct answer *answer);
void verb_release(const struct command *command, struct answer *answer);
void verb_plug(const struct command *command, struct answer *answer);
void verb_unplug(const struct command *command, struct answer *answer);
void verb_attach(const struct command *command, struct answer *answer);
void verb_detach(const struct command *command, struct answer *answer);
void verb_map(const struct command *command, struct answer *answer);
void verb_unmap(const struct command *command, struct answer *answer);
void verb_poke(const struct command *command, struct answer *answer);
void verb_peek(const struct command *command, struct answer *answer);
void verb_io(const struct command *command, struct answer *answer);
void verb_resize(const struct command *command, struct answer *answer);
void verb_regions(const struct command *command, struct answer *answer);
void verb_faults(const struct command *command, struct answer *answer);

#endif
