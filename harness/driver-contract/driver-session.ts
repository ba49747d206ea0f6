/** A driver under test that takes commands (VERBS.md), whatever carries it. */
import type { Machine } from '../machine.ts';
import type { MachineSetup, TopologyName } from '../../reference-device/machine-setup.ts';
import { type Described, describedWindows } from '../../reference-device/topology/topologies.ts';

export type { Described };

/** The verbs of the contract. What each means stands in `harness/driver-contract/VERBS.md`. */
export const VERBS = [
  'start',
  'stop',
  'attach',
  'detach',
  'map',
  'unmap',
  'alloc',
  'free',
  'io',
  'poke',
  'peek',
  'bypass',
  'regions',
  'faults',
  'release',
  'resize',
  'reset-queue',
  'suspend',
  'resume',
  'plug',
  'unplug',
  'lose-iommu',
  'end-domain',
  'shutdown',
] as const;

export type Verb = (typeof VERBS)[number];

export interface Command {
  /** A `Verb`, or any word when the contract itself is tested. */
  readonly verb: string;
  readonly args: Readonly<Record<string, string>>;
}

/** `skip`: the driver says that it does not implement this. */
export interface Answer {
  readonly outcome: 'ok' | 'not-ok' | 'skip';
  readonly reason?: string;
  /** The YAML block of the answer: scalars are strings or numbers, lists are arrays. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * How a session ended by itself. `says` is a sentence for the report. `held-up`: what carries the driver had no processor for
 * a while; `crashed-elsewhere`: the system crashed in a part that is none of the driver's.
 */
export interface SessionEnd {
  readonly how: 'exited' | 'killed' | 'silent' | 'crashed' | 'crashed-elsewhere' | 'held-up' | 'broke-contract';
  readonly says: string;
}

/** Whether the driver has to answer for such an end; of the others nothing can be told about it. */
export const isDriversEnd = ({ how }: SessionEnd): boolean => how !== 'held-up' && how !== 'crashed-elsewhere';

/** Who is being tested, as the report shows it. */
export interface DriverIdentity {
  readonly name: string;
  readonly version: string;
  /** E.g. the kernel's command line; empty if there is nothing to say. */
  readonly configuration: string;
  readonly verbs: readonly Verb[];
  /** Why it has not got others, as the ends of sentences. */
  readonly lacks?: Readonly<Partial<Record<Verb, string>>>;
  readonly transports: readonly ('pci' | 'mmio')[];
  /** `built-in-2019` is experimental: no version of the specification has it. */
  readonly topologies: readonly ('viot' | 'device-tree' | 'built-in-2019')[];
  /** True for a driver that unmaps lazily on purpose; reported, not failed. */
  readonly lazyUnmap: boolean;
  /** True for a driver whose own endpoints pass the IOMMU by, because its user asked for that. */
  readonly passthrough?: boolean;
  /**
   * True for a driver that looks for the virtio structures in PCI configuration space at every `start`; `in-places` where something
   * between it and the device keeps MSI-X and the list of capabilities, so that the others can be replaced and not moved
   * (`CAPABILITY_PLACES`), and has given BARs their addresses.
   */
  readonly freshPciConfig?: boolean | 'in-places';
  /** True where INTx of a PCI function gets to the driver. */
  readonly lineInterrupts?: boolean;
  /** True where interrupts of endpoints get lost unless PROBE reports where they are sent to. */
  readonly interruptsByProbe?: boolean;
  /** True for a driver that can drive several IOMMUs in one machine. */
  readonly severalIommus?: boolean;
  /** True for a driver whose machine can have PCI bridges, with functions behind them, and several root complexes. */
  readonly pciBridges?: boolean;
  /** True where endpoints are PCI functions: a DMA engine in a window of registers does not get to the driver. */
  readonly enginesOnPciOnly?: boolean;
  /** True where a machine is described by what its topology has to say, and by nothing else. */
  readonly plainDescriptions?: boolean;
}

export interface DriverSession {
  readonly machine: Machine;
  readonly identity: DriverIdentity;
  /** Never rejects because of the driver: if it dies or stays silent the promise rejects with `DriverGone`. */
  command(command: Command): Promise<Answer>;
  /** What the driver wrote to its log since the last call; bounded. */
  takeLog(): string;
  /** Ends the driver and everything it started. */
  close(): Promise<void>;
  /** After `close`: whether the driver ended by itself when its stdin was closed; undefined where no process carries it. */
  readonly endedByItself?: boolean | undefined;
}

/** The driver ended, or did not answer in time. */
export class DriverGone extends Error {
  readonly end: SessionEnd;

  constructor(end: SessionEnd) {
    super(end.says);
    this.name = 'DriverGone';
    this.end = end;
  }
}

/** The same for machines that are described alike, and for no others. */
export const descriptionKey = (machine: Described): string =>
  [machine.topology, ...(machine.oddities ?? []).toSorted(), ...describedWindows(machine)].join('+');

/** Starts sessions of one driver. A session serves many cases as long as the description stays the same. */
export interface DriverUnderTest {
  /** One that the driver understands, to meet it in; `plain` if left out. */
  readonly homeTopology?: TopologyName;
  /** True if opening a session takes so long that it pays to open the next one while another is in use. */
  readonly startsSlowly?: boolean;
  /** The machine of a case as it is where this driver runs; the same if left out. */
  machineFor?(setup: MachineSetup): MachineSetup;
  /** In front of a machine that is described so. */
  open(described: Described): Promise<DriverSession>;
}
