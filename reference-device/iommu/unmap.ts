import {
  type ReqUnmap,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_RANGE,
} from '../wire/iommu.ts';
import { STATUS_OF_INVERTED_RANGE, STATUS_OF_UNMAP_RESERVED } from './choices.ts';
import type { IommuState } from './iommu-state.ts';

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

/** Carries out an UNMAP that was judged OK: `iommu/prose/unmap-whole-mappings`. */
export function carryOutUnmap(state: IommuState, unmap: Unmap): void {
  state.domains.get(unmap.domain)?.mappings.removeWithin(unmap.virt_start, unmap.virt_end);
}
