/** What a device sees of a virtqueue, whatever the ring's format. */
import type { RingBreak, RingState, TracedDescriptor } from '../trace-events.ts';

/** A buffer as the driver made it available: readable parts, then writable ones. */
export interface Chain {
  readonly outcome: 'chain';
  /** What the used ring calls the buffer by: its first descriptor's index, in a packed ring its buffer ID. */
  readonly headIndex: number;
  /** By how many entries the ring goes on when the buffer is returned: its descriptors in a packed ring, else 1. */
  readonly slotCount: number;
  /**
   * The available ring's idx and flags when the chain was found; in a packed ring where the list begins, wrap counter
   * in bit 15, and the flags of the Driver Event Suppression structure.
   */
  readonly availIdx: number;
  readonly availFlags: number;
  /** Every descriptor as found, those that point to an indirect table included. */
  readonly descriptors: readonly TracedDescriptor[];
  /** The descriptors that describe memory; the first `readableCount` are device-readable. */
  readonly buffers: readonly TracedDescriptor[];
  readonly readableCount: number;
  /** Bytes; at most 2^32 together. */
  readonly readableLength: number;
  readonly writableLength: number;
}

/** A chain, or a ring, that the device cannot go on with. */
export interface BrokenChain {
  readonly outcome: 'broken';
  readonly reason: RingBreak;
  /** One sentence with the observed and the allowed value. */
  readonly says: string;
  readonly descriptors: readonly TracedDescriptor[];
  /** By which the buffer can be given back unwritten; undefined if the whole ring is unusable. */
  readonly headIndex?: number;
  /** See `Chain.slotCount`; 1 if left out. */
  readonly slotCount?: number;
  /** True if nothing was taken and the ring can be used on; only the trace hears of it. */
  readonly goesOn?: boolean;
}

export type Taken = Chain | BrokenChain;

/** What is needed of a buffer to return it. */
export interface ReturnedBuffer extends Pick<Chain, 'headIndex' | 'slotCount'> {
  /** Heads of buffers that go back by the same used entry (IN_ORDER); their slots are counted in `slotCount`. */
  readonly skipped?: readonly number[];
}

/** The device's side of one queue. Nothing a driver writes makes it throw; all walks are bounded. */
export interface Virtqueue {
  /** Entries. */
  readonly size: number;
  /** The next available buffer; undefined if there is none, or if the ring has become unusable. */
  popAvail(): Taken | undefined;
  /** Puts a buffer on the used ring. `usedLength` in bytes. False if the ring cannot be written any more. */
  addUsed(chain: ReturnedBuffer, usedLength: number): boolean;
  /** Whether the driver wants to hear of the buffers given back since the last call. */
  needsInterrupt(): boolean;
  /** Asks the driver not to notify. */
  suppressNotifications(): void;
  /** Asks for a notification of the next buffer. True if buffers have come already, which nobody will announce. */
  enableNotifications(): boolean;
  /** A notification has come: something new should lie there. */
  notified(): void;
  /** What memory holds on notifications, which the trace tells; undefined if it cannot be read. */
  ringState(): RingState | undefined;
}
