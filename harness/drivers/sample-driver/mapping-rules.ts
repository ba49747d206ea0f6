/** What may be asked of the device in MAP and UNMAP; the driver refuses the rest by itself. */
import { type Domain, regionsIn } from './domains.ts';
import type { DriverFaultName, DriverFaults } from './driver-faults.ts';
import { MMIO } from './features.ts';
import type { IommuConfig } from './iommu-config.ts';
import type { IommuDevice } from './iommu-device.ts';
import type { ReservedRegion } from './probe.ts';
import { MAP_MMIO, MAP_READ, MAP_WRITE } from './request-bytes.ts';

/** As the endpoint sees it. */
export type Access = 'r' | 'w' | 'rw';

export interface Range {
  readonly domain: Domain;
  readonly start: bigint;
  /** Belongs to the range. */
  readonly end: bigint;
}

/** Mistakes that send a MAP that is not aligned to the granule. */
const UNALIGNED = [
  'map-unaligned-sent',
  'map-length-not-rounded',
  'buffers-at-4096',
  'iova-steps-of-4096',
] as const satisfies readonly DriverFaultName[];

/** With these an UNMAP goes out for a range in which nothing is mapped. */
const PASSING_ON = ['mappings-believed-after-detach', 'passes-unmap-on'] as const;

/** Why a MAP must not be sent, or undefined. */
export function mapRefusal(
  range: Range & { readonly physical: bigint },
  config: IommuConfig,
  faults: DriverFaults,
): string | undefined {
  const { domain, start, end, physical } = range;
  if (domain.bypass && !faults.has('map-on-bypass-domain')) return 'the domain bypasses translation';
  if (domain.endpoints.size === 0) return 'no endpoint is attached to the domain';
  if (end <= start) return 'a mapping has to be longer than one byte';
  const misplaced = placeRefusal({ start, end, physical }, regionsIn(domain, faults), config, faults);
  if (misplaced !== undefined) return misplaced;
  if (faults.has('addresses-of-48-bits') && end >> 48n > 0n) return 'the range is beyond 48 bits';
  const taken = domain.mappings.within(start, end).length > 0;
  return taken && !faults.has('map-overlap-sent') && !faults.has('iova-given-twice')
    ? 'the range is mapped already'
    : undefined;
}

/** Why an endpoint that has these regions cannot have that mapping at an IOMMU with that configuration, or undefined. */
export function placeRefusal(
  { start, end, physical }: Omit<Range, 'domain'> & { readonly physical: bigint },
  regions: readonly ReservedRegion[],
  config: IommuConfig,
  faults: DriverFaults,
): string | undefined {
  const aligned = [start, end + 1n, physical].every((address) => address % config.granule === 0n);
  if (!aligned && !UNALIGNED.some((fault) => faults.has(fault))) {
    return `the range is not aligned to 0x${config.granule.toString(16)}`;
  }
  const outside = start < config.inputStart || end > config.inputEnd;
  if (
    outside &&
    !faults.has('map-outside-input-range') &&
    !faults.has('ignores-input-range') &&
    !faults.has('allocates-past-input-range-end')
  ) {
    return 'the range is not in input_range';
  }
  const isReserved = heeded(regions, faults).some((region) => region.start <= end && region.end >= start);
  return isReserved ? 'the range is reserved' : undefined;
}

function heeded(regions: readonly ReservedRegion[], faults: DriverFaults): readonly ReservedRegion[] {
  if (faults.has('map-in-resv-mem') || faults.has('alloc-in-resv-mem')) return [];
  if (faults.has('regions-only-listed')) return [];
  return faults.has('map-in-msi') ? regions.filter(({ kind }) => kind !== 'msi') : regions;
}

/** Why an UNMAP must not be sent, or undefined. */
export function unmapRefusal(
  { domain, start, end }: Range,
  config: IommuConfig,
  faults: DriverFaults,
): string | undefined {
  if (domain.bypass && !faults.has('unmap-on-bypass-domain')) return 'the domain bypasses translation';
  if (domain.bypass) return undefined;
  if (end <= start) return 'a mapping is longer than one byte';
  const unaligned = start % config.granule !== 0n || (end + 1n) % config.granule !== 0n;
  if (unaligned) return faults.has('unmap-unaligned-sent') ? undefined : 'the range is not aligned';
  if (start < config.inputStart || end > config.inputEnd) return 'the range is not in input_range';
  const covered = domain.mappings.within(start, end);
  if (covered.length === 0) return PASSING_ON.some((it) => faults.has(it)) ? undefined : 'nothing is mapped there';
  const cut = covered.some((mapping) => mapping.start < start || mapping.end > end);
  return cut && !faults.has('unmap-splits-mapping') ? 'the range would cut a mapping' : undefined;
}

/** What a mapping leads to. */
export type Target = 'memory' | 'registers';

/** Flags of a MAP. */
export function mapFlags(access: Access, target: Target, device: IommuDevice, faults: DriverFaults): number {
  let read = access !== 'w';
  let write = access !== 'r';
  if (faults.has('maps-read-write')) [read, write] = [true, true];
  if (faults.has('map-read-write-swapped')) [read, write] = [write, read];
  if (faults.has('map-read-missing') && read && write) read = false;
  if (faults.has('map-flags-zero')) [read, write] = [false, false];
  const mmio =
    (target === 'registers' && device.hasFeature(MMIO) && !faults.has('registers-mapped-as-memory')) ||
    (target === 'registers' && faults.has('doorbell-mmio-without-feature')) ||
    (faults.has('map-mmio-without-feature') && !device.hasFeature(MMIO)) ||
    (faults.has('map-mmio-for-memory') && device.hasFeature(MMIO)) ||
    (faults.has('map-exec-flag') && read);
  return (read ? MAP_READ : 0) | (write ? MAP_WRITE : 0) | (mmio ? MAP_MMIO : 0);
}
