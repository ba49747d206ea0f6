import { bytesOf, littleEndian } from './wire-bytes.ts';

/** A RESV_MEM property that the driver has to heed. `end` is inclusive. */
export interface ReservedRegion {
  readonly subtype: number;
  readonly start: bigint;
  readonly end: bigint;
}

const HEADER = 4;
const RESV_MEM = 1;
const RESV_MEM_VALUE = 20;

/**
 * The reserved regions in a property list, given as hex. Walks as 5.13.6.7 says: by length, to the first empty
 * property or the end. A property whose reserved type bits are set does not count (probe/ignore-reserved-bits-property).
 */
export function reservedRegions(properties: string): ReservedRegion[] {
  const size = properties.length / 2;
  const regions: ReservedRegion[] = [];
  let at = 0;
  while (at + HEADER <= size) {
    const type = Number(littleEndian(bytesOf(properties, at, at + 2)));
    if ((type & 0xfff) === 0) break;
    const length = Number(littleEndian(bytesOf(properties, at + 2, at + HEADER)));
    const value = bytesOf(properties, at + HEADER, at + HEADER + length);
    if (type === RESV_MEM && value.length >= 2 * RESV_MEM_VALUE) {
      regions.push({
        subtype: Number(littleEndian(bytesOf(value, 0, 1))),
        start: littleEndian(bytesOf(value, 4, 12)),
        end: littleEndian(bytesOf(value, 12, 20)),
      });
    }
    at += HEADER + length;
  }
  return regions;
}
