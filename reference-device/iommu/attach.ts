import { hasFeature } from '../wire/features.ts';
import {
  type ReqAttach,
  VIRTIO_IOMMU_ATTACH_F_BYPASS,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_UNSUPP,
} from '../wire/iommu.ts';
import { STATUS_OF_ATTACH_TO_SAME_DOMAIN, STATUS_OF_DOMAIN_OUTSIDE_RANGE } from './choices.ts';
import type { Domain } from './domains.ts';
import type { Endpoint } from './endpoints.ts';
import type { IommuState } from './iommu-state.ts';

type Attach = ReturnType<typeof ReqAttach.cursor>;

/** The status of an ATTACH request (5.13.6.3), without carrying it out. */
export function judgeAttach(state: IommuState, attach: Attach): number {
  // iommu/device/attach/reject-nonzero-reserved
  if (attach.reserved !== 0 && !state.deviates('attach-reserved-ignored')) return VIRTIO_IOMMU_S_INVAL;
  // iommu/device/attach/reject-unknown-flags
  if ((attach.flags & ~recognizedFlags(state)) !== 0) return VIRTIO_IOMMU_S_INVAL;
  // iommu/device/attach/reject-unknown-endpoint
  const endpoint = state.endpoints.get(attach.endpoint);
  if (!endpoint) return state.deviates('attach-unknown-endpoint-ok') ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
  if (isOutsideDomainRange(state, attach.domain)) return STATUS_OF_DOMAIN_OUTSIDE_RANGE;
  // iommu/device/attach/may-share-domain: it may; iommu/device/attach/implicit-detach-on-reattach: it can always be moved.
  const domain = state.domains.get(attach.domain);
  if (!domain) return VIRTIO_IOMMU_S_OK;
  // iommu/device/attach/reject-inconsistent-bypass-flag
  if (domain.bypass !== hasBypassFlag(attach)) return VIRTIO_IOMMU_S_INVAL;
  if (endpoint.domain === attach.domain) {
    return state.deviates('reattach-refused') ? VIRTIO_IOMMU_S_INVAL : STATUS_OF_ATTACH_TO_SAME_DOMAIN;
  }
  // iommu/device/attach/attach-compatible-properties, iommu/device/attach/reject-incompatible-properties,
  // iommu/device/attach/reject-unshareable-unsupp, iommu/device/attach/reject-impossible-reattach
  return isCompatible(endpoint, domain) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_UNSUPP;
}

/** Carries out an ATTACH that was judged OK: `iommu/device/attach/accepted-attach-is-effective`. */
export function carryOutAttach(state: IommuState, attach: Attach): void {
  const endpoint = state.endpoints.get(attach.endpoint);
  if (!endpoint) return;
  if (endpoint.domain === attach.domain && !state.deviates('reattach-begins-anew')) return;
  // iommu/device/attach/implicit-detach-on-reattach, iommu/device/attach/reattach-equals-detach-attach
  state.domains.detach(endpoint);
  state.domains.attach(endpoint, attach.domain, hasBypassFlag(attach));
}

/** `refused-attach-detaches`: what becomes of an ATTACH that was not judged OK. Otherwise it changes nothing. */
export function refuseAttach(state: IommuState, attach: Attach): void {
  const endpoint = state.endpoints.get(attach.endpoint);
  if (!endpoint || endpoint.domain === attach.domain || !state.deviates('refused-attach-detaches')) return;
  state.domains.detach(endpoint);
}

const hasBypassFlag = (attach: Attach): boolean => (attach.flags & VIRTIO_IOMMU_ATTACH_F_BYPASS) !== 0;

const recognizedFlags = (state: IommuState): number =>
  hasFeature(state.accepted, 'VIRTIO_IOMMU_F_BYPASS_CONFIG') ? VIRTIO_IOMMU_ATTACH_F_BYPASS : 0;

/** `iommu/prose/domain-range-absent`: without the feature every ID is allowed. */
const isOutsideDomainRange = (state: IommuState, domain: number): boolean => {
  const { start, end } = state.config.domain_range;
  return hasFeature(state.offered, 'VIRTIO_IOMMU_F_DOMAIN_RANGE') && (domain < start || domain > end);
};

const isCompatible = (endpoint: Endpoint, domain: Domain): boolean =>
  !endpoint.resvMem.some((region) => domain.mappings.overlaps(region.start, region.end));
