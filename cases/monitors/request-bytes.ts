/** Sizes of the device-readable parts (5.13.6), heads included. */
import type { RequestName } from '../api/index.ts';

export const READABLE_SIZE: Readonly<Record<RequestName, number>> = {
  ATTACH: 20,
  DETACH: 20,
  MAP: 36,
  UNMAP: 28,
  PROBE: 72,
};

/** Size of struct virtio_iommu_req_tail. */
export const TAIL_SIZE = 4;

/** The reserved bytes behind the head of each type: first offset, and the offset behind the last. */
export const RESERVED_BYTES: Readonly<Partial<Record<RequestName, readonly [from: number, until: number]>>> = {
  ATTACH: [16, 20],
  DETACH: [12, 20],
  UNMAP: [24, 28],
  PROBE: [8, 72],
};

/** Bytes `from` to `until` (half-open) of what a trace event holds as hex; shorter where it ends before. */
export const bytesOf = (hexBytes: string, from: number, until: number): string => hexBytes.slice(2 * from, 2 * until);

export const allZero = (hexBytes: string): boolean => /^0*$/.test(hexBytes);

/** A little-endian number of `hexBytes`. */
export function littleEndian(hexBytes: string): bigint {
  const pairs = hexBytes.match(/../g) ?? [];
  return pairs.length === 0 ? 0n : BigInt(`0x${pairs.toReversed().join('')}`);
}
