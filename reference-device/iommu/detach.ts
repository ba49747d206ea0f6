import { type ReqDetach, VIRTIO_IOMMU_S_INVAL, VIRTIO_IOMMU_S_NOENT, VIRTIO_IOMMU_S_OK } from '../wire/iommu.ts';
import { STATUS_OF_DETACH_FROM_OTHER_DOMAIN } from './choices.ts';
import type { IommuState } from './iommu-state.ts';

type Detach = ReturnType<typeof ReqDetach.cursor>;

/** The status of a DETACH request (5.13.6.4), without carrying it out. `iommu/device/detach/ignore-reserved`. */
export function judgeDetach(state: IommuState, detach: Detach): number {
  if (state.deviates('detach-reserved-refused') && detach.reserved !== 0) return VIRTIO_IOMMU_S_INVAL;
  // iommu/device/detach/reject-unknown-endpoint
  const endpoint = state.endpoints.get(detach.endpoint);
  if (!endpoint) return VIRTIO_IOMMU_S_NOENT;
  // iommu/device/detach/may-inval-wrong-domain
  if (endpoint.domain !== detach.domain && !state.deviates('detach-from-any-domain'))
    return STATUS_OF_DETACH_FROM_OTHER_DOMAIN;
  return VIRTIO_IOMMU_S_OK;
}

/** Carries out a DETACH that was judged OK: `iommu/device/detach/detached-no-old-mappings`. */
export function carryOutDetach(state: IommuState, detach: Detach): void {
  const endpoint = state.endpoints.get(detach.endpoint);
  if (endpoint) state.domains.detach(endpoint);
}
