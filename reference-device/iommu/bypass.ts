import { hasFeature } from '../wire/features.ts';
import type { Endpoint } from './endpoints.ts';
import type { IommuState } from './iommu-state.ts';

/** Whether all accesses of `endpoint` go through untranslated. The list of 5.13.6, `iommu/prose/bypass-mode`. */
export function isBypassed(state: IommuState, endpoint: Endpoint): boolean {
  if (endpoint.domain !== undefined) return state.domains.get(endpoint.domain)?.bypass === true;
  // "Offered" on purpose: the byte rules without a driver, and with one that does not know it.
  if (hasFeature(state.offered, 'VIRTIO_IOMMU_F_BYPASS_CONFIG') && (state.config.bypass & 1) === 1) return true;
  if (state.hiddenBypass) return true;
  return hasFeature(state.accepted, 'VIRTIO_IOMMU_F_BYPASS');
}
