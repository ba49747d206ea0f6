/** Chooses addresses for buffers: the highest free ones, so that low ones stay for those who ask for them. */
import type { DriverFaults } from './driver-faults.ts';
import type { MappingTable } from './mapping-table.ts';
import type { ReservedRegion } from './probe.ts';

export interface AddressLimits {
  readonly start: bigint;
  readonly end: bigint;
  readonly granule: bigint;
}

const LAST_ADDRESS = 0xffff_ffff_ffff_ffffn;
/** Endpoints may have fewer address lines than the IOMMU has; this many all of them have. */
const COMMON_END = 0xffff_ffff_ffffn;

/** `length` is a multiple of the granule. The lowest address of the place, or undefined if there is none. */
export function freeAddress(
  length: bigint,
  limits: AddressLimits,
  taken: MappingTable,
  regions: readonly ReservedRegion[],
  faults: DriverFaults,
): bigint | undefined {
  const { granule } = limits;
  const end = limits.start < COMMON_END && limits.end > COMMON_END ? COMMON_END : limits.end;
  const down = (address: bigint): bigint => address - (address % granule);
  const avoided = faults.has('alloc-in-resv-mem') ? [] : regions;
  let until = down(end + 1n);
  if (faults.has('allocates-past-input-range-end')) until += granule;
  const lowest = faults.has('ignores-input-range') ? 0n : limits.start;
  if (faults.has('ignores-input-range')) until = down(COMMON_END + 1n);
  if (faults.has('alloc-in-resv-mem') && regions[0]) until = down(regions[0].end + 1n);
  if (faults.has('top-overflow') && limits.end === LAST_ADDRESS) until = 0n;
  if (faults.has('low-addresses')) return lowestFree(length, { ...limits, end: until - 1n }, taken, avoided);
  while (until - length >= lowest) {
    const start = until - length;
    const obstacle = obstacleIn(start, until - 1n, taken, avoided, faults);
    if (obstacle === undefined) return start;
    until = down(obstacle);
  }
  return undefined;
}

function lowestFree(
  length: bigint,
  { start, end, granule }: AddressLimits,
  taken: MappingTable,
  regions: readonly ReservedRegion[],
): bigint | undefined {
  const up = (address: bigint): bigint => ((address + granule - 1n) / granule) * granule;
  let at = up(start);
  while (at + length - 1n <= end) {
    const last = at + length - 1n;
    const region = regions.find((it) => it.start <= last && it.end >= at);
    const obstacle = region ?? taken.within(at, last)[0];
    if (!obstacle) return at;
    at = up(obstacle.end + 1n);
  }
  return undefined;
}

/** Start of something that lies in `start`..`end`, or undefined. */
function obstacleIn(
  start: bigint,
  end: bigint,
  taken: MappingTable,
  regions: readonly ReservedRegion[],
  faults: DriverFaults,
): bigint | undefined {
  const region = regions.find((region) => region.start <= end && region.end >= start);
  if (region) return region.start;
  if (faults.has('iova-given-twice')) return undefined;
  const mapping = taken.lastBefore(end);
  return mapping && mapping.end >= start ? mapping.start : undefined;
}
