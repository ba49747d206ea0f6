/** What both ring formats are to the queue around them. */
import type { Piece, TableRoom } from './descriptor-chain.ts';
import type { QueueAddresses } from './device-registers.ts';

export interface RingFeatures {
  readonly indirect: boolean;
  readonly eventIdx: boolean;
  readonly inOrder: boolean;
}

/** A buffer that the device has returned. `length` in bytes, as the device says. */
export interface UsedEntry {
  readonly id: number;
  readonly length: number;
}

export interface Ring {
  /** Descriptors in the ring. */
  readonly size: number;
  /** The places as the device sees them, when the memory of the ring lies at bus address `bus`. */
  addresses(bus: bigint): QueueAddresses;
  /** Whether a buffer is in use: with the device, or returned and not yet released. */
  has(id: number): boolean;
  /**
   * Writes a buffer's descriptors; by what the device will call the buffer, or undefined if there is no room.
   * With `room` for a table the buffer is indirect if that was negotiated.
   */
  place(pieces: readonly Piece[], room?: TableRoom): number | undefined;
  /** Whether a driver with such a mistake has shown the device a part of a buffer. */
  readonly isHalfPublished: boolean;
  /** Lets the device see every buffer that was placed. */
  publish(): void;
  /** Upper half of a notification with VIRTIO_F_NOTIFICATION_DATA: where the next buffer will go. */
  readonly nextOffset: number;
  /** Whether the device wants to be told of the buffers published since the last call. */
  wantsNotification(): boolean;
  /** The next returned buffer that this driver has not seen; the device may have written anything. */
  takeUsed(): UsedEntry | undefined;
  /** Gives back what belongs to a buffer that the device is done with. */
  release(id: number): void;
}
