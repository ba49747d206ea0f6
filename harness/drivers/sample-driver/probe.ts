/** The property list that PROBE gives (5.13.6.7, 5.13.6.8). */
import type { DriverFaults } from './driver-faults.ts';

/** Addresses that must not be mapped; `end` belongs to the region. */
export interface ReservedRegion {
  readonly start: bigint;
  readonly end: bigint;
  readonly kind: 'reserved' | 'msi';
}

const HEAD_LENGTH = 4;
const TYPE_NONE = 0;
const TYPE_RESV_MEM = 1;
/** Bytes of a RESV_MEM property behind its head. */
const RESV_MEM_LENGTH = 20;
const SUBTYPE_RESERVED = 0;
const SUBTYPE_MSI = 1;

/** The reserved regions in a property list. Whatever cannot be read is passed over; undefined if the list is not accepted. */
export function reservedRegions(list: Uint8Array, faults: DriverFaults): ReservedRegion[] | undefined {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const regions: ReservedRegion[] = [];
  let ended = false;
  let at = 0;
  while (at + HEAD_LENGTH <= list.byteLength) {
    const type = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (type === TYPE_NONE) {
      ended = true;
      break;
    }
    const known = (type & typeMask(faults)) === TYPE_RESV_MEM;
    if (known && at + HEAD_LENGTH + RESV_MEM_LENGTH <= list.byteLength && fits(length, faults)) {
      const region = regionAt(view, at + HEAD_LENGTH, faults);
      const isSkipped = faults.has('reserved-regions-thought-sorted') && isBelow(region, regions.at(-1));
      if (region && !isSkipped) regions.push(region);
    }
    if (!known && faults.has('stops-at-unknown-property')) break;
    if (!known && faults.has('unknown-property-fails-probe')) return undefined;
    at += step(length, faults);
  }
  return faults.has('needs-property-terminator') && !ended ? [] : regions;
}

const isBelow = (region: ReservedRegion | undefined, other: ReservedRegion | undefined): boolean =>
  region !== undefined && other !== undefined && region.start < other.start;

/** Bits of a type that count: all of them, since a property with reserved bits has to be ignored. */
function typeMask(faults: DriverFaults): number {
  if (faults.has('property-type-8-bit')) return 0xff;
  const masks = faults.has('property-type-masked') || faults.has('regions-only-listed');
  return masks ? 0xfff : 0xffff;
}

/** A later version may append fields to a property, so it may be longer. */
function fits(length: number, faults: DriverFaults): boolean {
  if (faults.has('rejects-long-property')) return length === RESV_MEM_LENGTH;
  return length >= RESV_MEM_LENGTH || faults.has('property-length-from-type');
}

function step(length: number, faults: DriverFaults): number {
  if (faults.has('property-length-from-type')) return HEAD_LENGTH + RESV_MEM_LENGTH;
  if (faults.has('property-length-with-header')) return Math.max(length, HEAD_LENGTH);
  return HEAD_LENGTH + length;
}

/** Reads a RESV_MEM property behind its head; undefined if its range is empty. */
function regionAt(view: DataView, at: number, faults: DriverFaults): ReservedRegion | undefined {
  const subtype = view.getUint8(at);
  if (faults.has('resv-mem-reserved-checked') && (view.getUint32(at, true) & 0xffff_ff00) !== 0) return undefined;
  if (faults.has('resv-mem-subtype-32-bit') && view.getUint32(at, true) > SUBTYPE_MSI) return undefined;
  if (faults.has('ignores-unknown-subtype') && subtype !== SUBTYPE_RESERVED && subtype !== SUBTYPE_MSI)
    return undefined;
  if (faults.has('msi-region-ignored') && subtype === SUBTYPE_MSI) return undefined;
  let start = view.getBigUint64(at + 4, true);
  let end = view.getBigUint64(at + 12, true);
  if (faults.has('resv-mem-32-bit')) [start, end] = [BigInt.asUintN(32, start), BigInt.asUintN(32, end)];
  if (faults.has('resv-mem-end-exclusive')) end = start + ((end - start) / 4096n) * 4096n - 1n;
  if (faults.has('resv-mem-end-wraps')) end = BigInt.asUintN(64, end + 1n) - 1n;
  if (faults.has('resv-mem-end-as-length')) end = start + end - 1n;
  return start <= end ? { start, end, kind: subtype === SUBTYPE_MSI ? 'msi' : 'reserved' } : undefined;
}
