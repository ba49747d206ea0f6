/** The reference machine behind vfio-user sockets: what QEMU's `-device vfio-user-pci`, or any other client, connects to. */
import type { Machine } from '../machine.ts';
import { entryModule } from '../package-files.ts';
import type { PeerEvent } from './thread-messages.ts';
import { openWorkerMachine } from './worker-machine.ts';

export type { PeerEvent } from './thread-messages.ts';

export interface TransportOptions {
  /** A private folder (mode 0700) of the caller's, in which the sockets appear and which the caller removes after `close`. */
  readonly directory: string;
  /**
   * Windows of registers that are served as the BAR of a PCI function (`WindowCarrier`), with the address of each; the others
   * are platform devices.
   */
  readonly carried?: ReadonlyMap<string, number>;
  /** True for clients that read the list of capabilities when they start, and not for each case, as QEMU does. False if left out. */
  readonly keepsCapabilityPlaces?: boolean;
}

/** A machine whose functions are reached through sockets, one client each at a time. */
export interface ScriptedTransport extends Machine {
  /** Socket paths by name: `iommu`, the PCI slots, `iommu-mmio` and the slots in windows of registers. */
  readonly sockets: ReadonlyMap<string, string>;
  /** Calls `listener` whenever a client connects, leaves, is refused something, or breaks the protocol. */
  onPeer(listener: (event: PeerEvent) => void): void;
}

/**
 * Starts the device worker; resolves when all sockets listen. QEMU reads configuration space when it starts, and follows
 * the capabilities of an absent function for ever: stage a machine that fills every slot before QEMU connects.
 * Rejects with a HarnessError if the sockets cannot be opened; a failure later on rejects every `execute`.
 */
export function openScriptedTransport(options: TransportOptions): Promise<ScriptedTransport> {
  return openWorkerMachine(entryModule('harness/scripted-transport/device-worker'), options);
}
