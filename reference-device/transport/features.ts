/** What a device offers, and whether it can live with what the driver accepted (2.2). */
import { FEATURE_BITS, type FeatureName, featureNames, featureWord } from '../wire/features.ts';

/** Bits 0..63 that no virtio-iommu defines: device-type bits, a legacy bit and reserved ones (chapter 6). */
const FOREIGN_BITS: readonly number[] = [7, 13, 23, 24, 44, 49, 50, 63];

const bitMask = (bits: Iterable<number>): bigint => {
  let word = 0n;
  for (const bit of bits) word |= 1n << BigInt(bit);
  return word;
};

/** The feature word offered. `foreign` adds bits that the device type does not define. */
export function offeredWord(names: Iterable<FeatureName>, foreignBits: Iterable<number>, foreign: boolean): bigint {
  return featureWord(names) | bitMask(foreignBits) | (foreign ? bitMask(FOREIGN_BITS) : 0n);
}

/** The 32 bits of `word` that a feature select register shows; 0 for windows past 64 bits. */
export const featureWindow = (word: bigint, select: number): bigint =>
  select < 2 ? (word >> BigInt(32 * select)) & 0xffff_ffffn : 0n;

/** `word` with one 32-bit window replaced; unchanged for windows past 64 bits. */
export function withFeatureWindow(word: bigint, select: number, window: bigint): bigint {
  if (select >= 2) return word;
  const shift = BigInt(32 * select);
  return (word & ~(0xffff_ffffn << shift)) | ((window & 0xffff_ffffn) << shift);
}

/** Features that only a modern driver can negotiate: those past the 32 bits of the legacy interface (2.2.3). */
const NEEDS_VERSION_1 = ~0n << BigInt(FEATURE_BITS.VIRTIO_F_ACCESS_PLATFORM);

const VERSION_1 = 1n << BigInt(FEATURE_BITS.VIRTIO_F_VERSION_1);

/** Why the set cannot be accepted, as a sentence; undefined if it can. */
export function featureObjection(offered: bigint, accepted: bigint): string | undefined {
  // core/device/features/clear-features-ok-otherwise
  const notOffered = accepted & ~offered;
  if (notOffered !== 0n) return `${featureNames(notOffered).join(', ')} was not offered`;
  if ((accepted & NEEDS_VERSION_1) !== 0n && (accepted & VERSION_1) === 0n) {
    return `${featureNames(accepted & NEEDS_VERSION_1).join(', ')} needs VIRTIO_F_VERSION_1`;
  }
  return undefined;
}
