/** By what cases can be sought beside their words: the features that the driver accepted from the IOMMU. */
import type { CaseRecord } from '../record/model.ts';
import { integer } from './event-fields.ts';

/** Of a feature word; a log may claim more. */
const BITS_MAX = 128;

/** Numbers of the feature bits accepted in the case's last negotiation with an IOMMU; empty if there was none. */
export function acceptedFeatures({ trace }: CaseRecord): readonly number[] {
  const negotiated = trace.findLast(({ kind, device }) => kind === 'features' && String(device).startsWith('iommu'));
  const accepted = integer(negotiated?.['accepted']) ?? 0n;
  const bits: number[] = [];
  for (let bit = 0, rest = accepted; rest > 0n && bit < BITS_MAX; bit++, rest >>= 1n) {
    if (rest & 1n) bits.push(bit);
  }
  return bits;
}
