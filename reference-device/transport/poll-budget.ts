/** How much work a device does for a driver at a time. */
import type { Taken } from '../virtqueue/virtqueue.ts';

/**
 * What one poll of a queue does at most, so that a driver cannot keep the device busy for ever: one for each descriptor
 * and each 4 KiB that they describe. A ring may have 32768 entries, and each may begin a chain of all of them.
 */
export const POLL_BUDGET = 8192;
const PAGE_BYTES = 4096;

/** No buffer is moved farther than this, so what lies behind it costs nothing. */
const LONGEST_MOVE = 1 << 16;

/** See `POLL_BUDGET`; 1 at least. */
export function costOf(taken: Taken): number {
  const descriptors = Math.max(taken.descriptors.length, 1);
  if (taken.outcome === 'broken') return descriptors;
  return descriptors + Math.floor(Math.min(taken.readableLength + taken.writableLength, LONGEST_MOVE) / PAGE_BYTES);
}
