import {
  type ReqUnmap,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_RANGE,
} from '../wire/iommu.ts';
import { STATUS_OF_INVERTED_RANGE, STATUS_OF_UNMAP_RESERVED } from './choices.ts';
import type { IommuState } from './iommu-state.ts';

const LAST_ADDRESS = (1n << 64n) - 1n;

type Unmap = ReturnType<typeof ReqUnmap.cursor>;

/** The status of an UNMAP request (5.13.6.6), without carrying it out. */
export function judgeUnmap(state: IommuState, unmap: Unmap): number {
  // iommu/device/unmap/noent-unknown-domain
  const domain = state.domains.get(unmap.domain);
  if (!domain) return VIRTIO_IOMMU_S_NOENT;
  // iommu/device/unmap/reject-bypass-domain
  if (domain.bypass) return VIRTIO_IOMMU_S_INVAL;
  // iommu/device/unmap/may-inval-nonzero-reserved, iommu/device/unmap/may-unmap-despite-inval
  if (unmap.reserved !== 0) return STATUS_OF_UNMAP_RESERVED;
  const { virt_start, virt_end } = unmap;
  if (virt_end < virt_start) return STATUS_OF_INVERTED_RANGE;
  // iommu/device/unmap/range-on-split, iommu/device/unmap/no-removal-on-split
  if (domain.mappings.wouldSplit(virt_start, virt_end)) return VIRTIO_IOMMU_S_RANGE;
  // iommu/device/unmap/ok-on-holes
  return VIRTIO_IOMMU_S_OK;
}

/** `unmap-split-removes-earlier`: what becomes of an UNMAP that was not judged OK. Otherwise it changes nothing. */
export function refuseUnmap(state: IommuState, { domain, virt_start, virt_end }: Unmap, status: number): void {
  if (status !== VIRTIO_IOMMU_S_RANGE || !state.deviates('unmap-split-removes-earlier')) return;
  const mappings = state.domains.get(domain)?.mappings;
  // A mapping across the start is met first, so there is no earlier one.
  if (!mappings || virt_end < virt_start || mappings.wouldSplit(virt_start, LAST_ADDRESS)) return;
  mappings.removeWithin(virt_start, virt_end);
}

/** Carries out an UNMAP that was judged OK: `iommu/prose/unmap-whole-mappings`. */
export function carryOutUnmap(state: IommuState, unmap: Unmap): void {
  state.domains.get(unmap.domain)?.mappings.removeWithin(unmap.virt_start, unmap.virt_end);
}
