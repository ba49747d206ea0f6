/** Bytes as trace events hold them: lower-case hex, two digits a byte. */

/** Size of struct virtio_iommu_req_tail (5.13.6). */
export const TAIL_SIZE = 4;

/** Bytes `from` to `until` (half-open) of what a trace event holds as hex; shorter where it ends before. */
export const bytesOf = (hexBytes: string, from: number, until: number): string => hexBytes.slice(2 * from, 2 * until);

export const allZero = (hexBytes: string): boolean => /^0*$/.test(hexBytes);

/** A little-endian number of `hexBytes`. */
export function littleEndian(hexBytes: string): bigint {
  const pairs = hexBytes.match(/../g) ?? [];
  return pairs.length === 0 ? 0n : BigInt(`0x${pairs.toReversed().join('')}`);
}
