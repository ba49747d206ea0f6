/** By what cases can be sought beside their words: the features that the driver accepted from the IOMMU. */
import type { CaseRecord } from '../../harness/results/model.ts';
import { integer } from './event-fields.ts';
import { featureNames } from './wire-names.ts';

/** Names of the feature bits accepted in the case's last negotiation with an IOMMU; empty if there was none. */
export function acceptedFeatures({ trace }: CaseRecord): readonly string[] {
  const negotiated = trace.findLast(({ kind, device }) => kind === 'features' && String(device).startsWith('iommu'));
  const accepted = integer(negotiated?.['accepted']);
  if (accepted === undefined || accepted === 0n) return [];
  return featureNames(accepted).split('|');
}
