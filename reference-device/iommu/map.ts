import { hasFeature } from '../wire/features.ts';
import {
  type ReqMap,
  VIRTIO_IOMMU_MAP_F_MMIO,
  VIRTIO_IOMMU_MAP_F_READ,
  VIRTIO_IOMMU_MAP_F_WRITE,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_RANGE,
} from '../wire/iommu.ts';
import {
  MAPPINGS_LIMIT,
  STATUS_OF_INVERTED_RANGE,
  STATUS_OF_MAP_OUTSIDE_INPUT_RANGE,
  STATUS_OF_MAP_OVER_RESV_MEM,
  STATUS_OF_PHYS_PAST_64_BITS,
  STATUS_OF_TOO_MANY_MAPPINGS,
} from './choices.ts';
import type { Domain } from './domains.ts';
import type { IommuState } from './iommu-state.ts';

type Map = ReturnType<typeof ReqMap.cursor>;

const LAST_ADDRESS = (1n << 64n) - 1n;

/** The status of a MAP request (5.13.6.5), without carrying it out. */
export function judgeMap(state: IommuState, map: Map): number {
  // iommu/device/map/reject-unknown-flags
  if ((map.flags & ~recognizedFlags(state)) !== 0) return VIRTIO_IOMMU_S_INVAL;
  // iommu/device/map/reject-unknown-domain
  const domain = state.domains.get(map.domain);
  if (!domain) return VIRTIO_IOMMU_S_NOENT;
  // iommu/device/map/reject-bypass-domain
  if (domain.bypass) return VIRTIO_IOMMU_S_INVAL;
  const { virt_start, virt_end, phys_start } = map;
  if (state.deviates('map-last-address-refused') && endsAtLastAddress(map)) return VIRTIO_IOMMU_S_RANGE;
  const rangeStatus = judgeRange(state, virt_start, virt_end, phys_start);
  if (rangeStatus !== VIRTIO_IOMMU_S_OK) return rangeStatus;
  return judgePlace(state, domain, virt_start, virt_end);
}

/** Carries out a MAP that was judged OK. `iommu/prose/mapping-visible-to-all`: the mapping belongs to the domain. */
export function carryOutMap(state: IommuState, map: Map): void {
  const { virt_start, virt_end, phys_start, flags } = map;
  state.domains.get(map.domain)?.mappings.insert({ virt_start, virt_end, phys_start, flags });
}

const endsAtLastAddress = ({ virt_start, virt_end, phys_start }: Map): boolean =>
  virt_end === LAST_ADDRESS || phys_start + (virt_end - virt_start) === LAST_ADDRESS;

const recognizedFlags = (state: IommuState): number =>
  VIRTIO_IOMMU_MAP_F_READ |
  VIRTIO_IOMMU_MAP_F_WRITE |
  (hasFeature(state.accepted, 'VIRTIO_IOMMU_F_MMIO') ? VIRTIO_IOMMU_MAP_F_MMIO : 0);

/** Whether the ends make a range that this device can map at all. */
const judgeRange = (state: IommuState, virt_start: bigint, virt_end: bigint, phys_start: bigint): number => {
  if (virt_end < virt_start) return STATUS_OF_INVERTED_RANGE;
  // iommu/device/map/reject-misaligned
  const isFitting =
    state.deviates('map-misaligned-accepted') ||
    !isMisaligned(state.config.page_size_mask, virt_start | phys_start | (virt_end + 1n));
  if (!isFitting) return VIRTIO_IOMMU_S_RANGE;
  // iommu/prose/input-range-enforced; iommu/prose/input-range-absent: without the feature every address is allowed.
  if (isOutsideInputRange(state, virt_start, virt_end)) return STATUS_OF_MAP_OUTSIDE_INPUT_RANGE;
  if (phys_start + (virt_end - virt_start) > LAST_ADDRESS) return STATUS_OF_PHYS_PAST_64_BITS;
  return VIRTIO_IOMMU_S_OK;
};

const isOutsideInputRange = (state: IommuState, virt_start: bigint, virt_end: bigint): boolean => {
  const { start, end } = state.config.input_range;
  if (!hasFeature(state.offered, 'VIRTIO_IOMMU_F_INPUT_RANGE')) return false;
  return (virt_start < start || virt_end > end) && !state.deviates('map-outside-input-range-accepted');
};

/** Whether the range is free in the domain. */
const judgePlace = (state: IommuState, domain: Domain, virt_start: bigint, virt_end: bigint): number => {
  // iommu/device/map/reject-overlap
  if (domain.mappings.overlaps(virt_start, virt_end)) return VIRTIO_IOMMU_S_INVAL;
  // iommu/device/resv-mem/reject-map-overlap
  for (const endpoint of state.deviates('map-over-resv-mem-accepted') ? [] : domain.endpoints) {
    if (endpoint.resvMem.some((region) => virt_start <= region.end && region.start <= virt_end)) {
      return STATUS_OF_MAP_OVER_RESV_MEM;
    }
  }
  if (state.domains.mappingCount >= MAPPINGS_LIMIT) return STATUS_OF_TOO_MANY_MAPPINGS;
  return VIRTIO_IOMMU_S_OK;
};

/**
 * `iommu/prose/granule`, `iommu/device/config/page-size-mask-multi`: the lowest bit of the mask counts. A mask
 * without any bit has no granule, and fits nothing.
 */
const isMisaligned = (page_size_mask: bigint, addresses: bigint): boolean => {
  const granule = page_size_mask & -page_size_mask;
  return granule === 0n || (addresses & (granule - 1n)) !== 0n;
};
