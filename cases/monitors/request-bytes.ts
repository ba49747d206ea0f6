/** Sizes of the device-readable parts (5.13.6), heads included. */
import type { RequestName } from '../api/index.ts';

export const READABLE_SIZE: Readonly<Record<RequestName, number>> = {
  ATTACH: 20,
  DETACH: 20,
  MAP: 36,
  UNMAP: 28,
  PROBE: 72,
};

/** The reserved bytes behind the head of each type: first offset, and the offset behind the last. */
export const RESERVED_BYTES: Readonly<Partial<Record<RequestName, readonly [from: number, until: number]>>> = {
  ATTACH: [16, 20],
  DETACH: [12, 20],
  UNMAP: [24, 28],
  PROBE: [8, 72],
};
