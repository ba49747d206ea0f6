/** What differs between guests of different processors, as a table. */
import type { DescriptionForm } from '../../../reference-device/topology/topologies.ts';
import type { Doorbell } from './doorbell.ts';

/** As Debian calls them. */
export type Architecture = 'amd64' | 'arm64';

export interface ArchitectureFacts {
  /** QEMU's program, and the package that has it. */
  readonly emulator: string;
  readonly emulatorPackage: string;
  /** QEMU's machine, with the options of its own, and the processor that it emulates fast. */
  readonly machine: string;
  readonly processor: string;
  /** Debian's kernel for cloud machines, which is small and has the driver as a module. */
  readonly kernelPackage: string;
  /** How the guest is told of its IOMMU. */
  readonly description: Extract<DescriptionForm, 'viot' | 'device-tree'>;
  /** The kernel's name of the first serial port. */
  readonly console: string;
  /** Where INTA# of PCI devices 0, 4, 8, … arrives; those of the next devices are beside it. */
  readonly firstWire: number;
  /**
   * Where windows of registers are. The range has to be free, and one that QEMU leaves to PCI. On x86 it must be none that the
   * host bridge says it decodes: Linux would take the bridge for the IOMMU that VIOT has there (acpi_resource_consumer()).
   */
  readonly windowBase: number;
  /** The kernel's name for the platform device that is the `index`-th window, at `address`. */
  readonly windowDevice: (index: number, address: number) => string;
  /** Words for the kernel that only this architecture needs. */
  readonly kernelWords: readonly string[];
  /** Where interrupts are sent, if not to x86's place. */
  readonly doorbell?: Doorbell;
  /** The compiler for the agent: what the environment's variable names, else the command. */
  readonly compiler: { readonly variable: string; readonly command: string; readonly hint: string };
}

/**
 * noreplace-smp: rewriting the kernel's locks for one processor makes the emulator translate all that code again.
 * no_timer_check: the emulated timer works, and trying it takes 40 ms of real time.
 */
const X86_WORDS = ['noreplace-smp', 'no_timer_check'];

export const ARCHITECTURES: Readonly<Record<Architecture, ArchitectureFacts>> = {
  amd64: {
    emulator: 'qemu-system-x86_64',
    emulatorPackage: 'qemu-system-x86',
    machine: 'q35',
    processor: 'max',
    kernelPackage: 'linux-image-cloud-amd64',
    description: 'viot',
    console: 'ttyS0',
    firstWire: 20,
    windowBase: 0xfef0_0000,
    windowDevice: (index) => `LNRO0005:${index.toString(16).padStart(2, '0')}`,
    kernelWords: X86_WORDS,
    compiler: {
      variable: 'CC',
      command: 'cc',
      hint: 'Install a C compiler and the headers of libc and Linux (Debian: apt install gcc libc6-dev), or set CC.',
    },
  },
  arm64: {
    emulator: 'qemu-system-aarch64',
    emulatorPackage: 'qemu-system-arm',
    machine: 'virt,gic-version=3',
    // Without the pointer authentication of newer ones, whose sums take the emulator long.
    processor: 'cortex-a72',
    kernelPackage: 'linux-image-cloud-arm64',
    description: 'device-tree',
    console: 'ttyAMA0',
    firstWire: 3,
    windowBase: 0x3000_0000,
    windowDevice: (_index, address) => `${address.toString(16)}.virtio_mmio`,
    kernelWords: [],
    // The frame of the interrupt translation service (ITS) that endpoints write to.
    doorbell: { start: 0x0809_0000n, end: 0x0809_ffffn },
    compiler: {
      variable: 'CC_ARM64',
      command: 'aarch64-linux-gnu-gcc',
      hint: 'Install a cross compiler (Debian: apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross), or set CC_ARM64.',
    },
  },
};

/** Whether there is a guest for the architecture that Debian calls `name`. */
export const isArchitecture = (name: string): name is Architecture => Object.hasOwn(ARCHITECTURES, name);
