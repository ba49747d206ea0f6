/** The command line of the guest: QEMU's and the kernel's. */
import { IOMMU_FUNCTIONS, isIommuFunction, isMultiFunction } from '../../../reference-device/machine-setup.ts';
import { type Described, pciSlotsOf, slotBdf, TOPOLOGIES } from '../../../reference-device/topology/topologies.ts';
import { type Architecture, ARCHITECTURES } from './architecture.ts';
import { carriedWindows } from './window-carriers.ts';
import type { Program } from './debian-programs.ts';

/**
 * `strict` unmaps at once; `lazy` collects unmappings, as Linux does on x86 if nothing is said; with `passthrough` endpoints
 * that have a driver of their own pass the IOMMU by.
 */
export type GuestConfiguration = 'strict' | 'lazy' | 'passthrough';

const MEMORY = '512M';
/** A staging may take its time; a device whose worker has gone is noticed by its socket. */
const DEVICE_TIMEOUT_MS = 120_000;

/**
 * What makes the boot short and repeatable, none of which concerns the driver under test.
 * rng_core.default_quality=0: endpoints do transfers when they are told to, and not to feed the kernel's pool.
 * deferred_probe_timeout=-1: an endpoint waits for its IOMMU however long the session has been running.
 * oops=panic: a crash ends the guest, so that it is noticed.
 * loglevel=5: lockdep, and what a warning says of the place, are warnings.
 * initcall_blacklist: measuring the jitter of the processor for a random generator that nobody asks, and names for tracing
 * that nobody does, are a tenth of a boot.
 */
const FIXED_ARGUMENTS = [
  'panic=-1',
  'oops=panic',
  'loglevel=5',
  'nokaslr',
  'mitigations=off',
  'apparmor=0',
  'audit=0',
  'cryptomgr.notests',
  'rng_core.default_quality=0',
  'deferred_probe_timeout=-1',
  'initcall_blacklist=jent_mod_init,trace_eval_init',
];

const CONFIGURATION_ARGUMENTS: Readonly<Record<GuestConfiguration, string>> = {
  strict: 'iommu.passthrough=0 iommu.strict=1',
  lazy: 'iommu.passthrough=0 iommu.strict=0',
  passthrough: 'iommu.passthrough=1 iommu.strict=1',
};

/** The kernel's command line; `append` is the user's and comes last, so that it wins. */
export function kernelCommandLine(
  configuration: GuestConfiguration,
  append: string,
  architecture: Architecture = 'amd64',
): string {
  const { console, kernelWords } = ARCHITECTURES[architecture];
  const words = [
    `console=${console}`,
    ...FIXED_ARGUMENTS,
    ...kernelWords,
    CONFIGURATION_ARGUMENTS[configuration],
    append,
  ];
  return words.filter((word) => word !== '').join(' ');
}

export interface GuestParts {
  readonly architecture: Architecture;
  readonly qemu: Program;
  readonly kernel: string;
  readonly initramfs: string;
  /** The file that the kernel's console is written to. */
  readonly console: string;
  /** The socket at which QEMU answers questions. */
  readonly monitor: string;
  /** The files that tell of the topology, and the option by which QEMU takes them. */
  readonly description: { readonly option: '-acpitable' | '-dtb'; readonly files: readonly string[] };
  /** Paths by the name of a device: an IOMMU on PCI, or a slot. */
  readonly sockets: ReadonlyMap<string, string>;
  readonly described: Described;
  readonly accelerator: 'tcg' | 'kvm';
  readonly kernelCommandLine: string;
}

/** A comma separates options in QEMU's command line; two are one. */
const escaped = (path: string): string => path.replaceAll(',', ',,');

/** The machine without anything in it. */
function machineArguments(architecture: Architecture, accelerator: 'tcg' | 'kvm', more = ''): string[] {
  const { machine, processor } = ARCHITECTURES[architecture];
  return [
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot',
    '-run-with',
    'exit-with-parent=on',
    '-machine',
    `${machine},accel=${accelerator},memory-backend=ram${more}`,
    '-cpu',
    accelerator === 'kvm' ? 'host' : processor,
    '-smp',
    '1',
    '-m',
    MEMORY,
    // Only shared memory comes to the device as a file descriptor.
    '-object',
    `memory-backend-memfd,id=ram,size=${MEMORY},share=on`,
  ];
}

/** A command line by which QEMU, instead of running the machine, writes the machine's device tree to `file`. */
export const treeDumpArguments = (architecture: Architecture, file: string): string[] => [
  ...machineArguments(architecture, 'tcg', `,dumpdtb=${escaped(file)}`),
  // The second one is there only if it leads somewhere.
  '-serial',
  'null',
  '-serial',
  'null',
];

/** QEMU's command line. Its stdin and stdout are the guest's second serial port, which carries the contract. */
export function guestCommand(parts: GuestParts): Program {
  const { qemu, accelerator, architecture, description } = parts;
  return {
    command: qemu.command,
    args: [
      ...qemu.args,
      ...machineArguments(architecture, accelerator),
      '-serial',
      `file:${escaped(parts.console)}`,
      '-chardev',
      'stdio,id=contract,signal=off',
      '-serial',
      'chardev:contract',
      '-qmp',
      `unix:${escaped(parts.monitor)},server=on,wait=off`,
      '-kernel',
      parts.kernel,
      '-initrd',
      parts.initramfs,
      '-append',
      parts.kernelCommandLine,
      ...description.files.flatMap((file) => [
        description.option,
        description.option === '-dtb' ? file : `file=${escaped(file)}`,
      ]),
      ...devices(parts),
    ],
  };
}

/** QEMU's name for the bus behind the bridge. */
const BRIDGED_BUS = 'bridged';

/** Device and function as QEMU has them. */
const slotOf = (bdf: number): string => `${((bdf >> 3) & 0x1f).toString(16)}.${bdf & 7}`;

/** The functions of the machine: an IOMMU that it does not have would be an empty place on the bus, and upset QEMU. */
function devices({ sockets, described, architecture }: GuestParts): string[] {
  const { topology } = described;
  const { iommus, bridge } = TOPOLOGIES[topology];
  const bdfs = [
    ...iommus.flatMap(({ place }) => (isIommuFunction(place) ? [[place, IOMMU_FUNCTIONS[place].bdf] as const] : [])),
    ...pciSlotsOf(topology).map((slot) => [slot, slotBdf(slot, topology)] as const),
    ...carriedWindows(described, architecture).map(({ name, bdf }) => [name, bdf] as const),
  ];
  const functions = bdfs.map(([name, bdf]) => {
    const path = sockets.get(name);
    if (path === undefined) throw new Error(`assertion: the machine has no socket for ${name}`);
    return {
      driver: 'vfio-user-pci',
      socket: { type: 'unix', path },
      ...(bdf >> 8 === bridge?.bus && { bus: BRIDGED_BUS }),
      addr: slotOf(bdf),
      multifunction: isMultiFunction(bdf),
      rombar: 0,
      // A write is over when the device has seen it, so the trace has the order of the guest's instructions.
      'x-no-posted-writes': true,
      'x-msg-timeout': DEVICE_TIMEOUT_MS,
    };
  });
  const bridges = bridge ? [{ driver: 'pcie-pci-bridge', id: BRIDGED_BUS, addr: slotOf(bridge.bdf) }] : [];
  return [...bridges, ...functions].flatMap((device) => ['-device', JSON.stringify(device)]);
}
