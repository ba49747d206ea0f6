/**
 * The seam between a device model and whatever carries it: a vfio-user socket, or an in-process driver.
 * A function is synchronous and does no I/O of its own; it reaches the outside through its `FunctionHost`.
 */
import type { GuestMemory } from '../memory/guest-memory.ts';

/** What a function needs from its carrier. */
export interface FunctionHost {
  /** Guest memory as this function's bus sees it (guest-physical addresses). */
  readonly memory: GuestMemory;
  /** Fires MSI-X vector `vector`; false if the driver has not wired it. */
  interrupt(vector: number): boolean;
  /** Raises INTx, once for each time that the line goes up; false if the driver has not wired it. Absent where nothing carries it. */
  interruptLine?(): boolean;
  /**
   * True where the list of capabilities was read before any case: what stands in it can be replaced, and the places of its members
   * cannot (`CAPABILITY_PLACES`).
   */
  readonly keepsCapabilityPlaces?: boolean;
}

/**
 * One PCI function: configuration space, BARs, reset.
 * Offsets and widths come from outside and may be anything; an access that hits nothing reads 0 and writes nothing.
 */
export interface PciFunction {
  readonly name: string;
  /** Size in bytes of BAR 0..5; 0 where there is none. All are 32-bit memory BARs. */
  readonly barSizes: readonly number[];
  readonly msixVectorCount: number;
  /** Whether INTx is up. */
  readonly lineUp: boolean;
  /** False: the function behaves as pulled out: every read is all ones. */
  present: boolean;

  /** Fills `out` with `out.byteLength` bytes of configuration space from `offset`. */
  readConfig(offset: number, out: DataView): void;
  writeConfig(offset: number, data: DataView): void;
  /** Fills `out` from BAR `bar` at `offset`. `out.byteLength` is the width of the access on the bus. */
  readBar(bar: number, offset: number, out: DataView): void;
  writeBar(bar: number, offset: number, data: DataView): void;
  /** A function-level reset. */
  reset(): void;
}
