/**
 * Feature bits by their names in the specification.
 * Bits 0..23 belong to the device type (5.13.3), the others are reserved feature bits (chapter 6).
 */
export const FEATURE_BITS = {
  VIRTIO_IOMMU_F_INPUT_RANGE: 0,
  VIRTIO_IOMMU_F_DOMAIN_RANGE: 1,
  VIRTIO_IOMMU_F_MAP_UNMAP: 2,
  VIRTIO_IOMMU_F_BYPASS: 3,
  VIRTIO_IOMMU_F_PROBE: 4,
  VIRTIO_IOMMU_F_MMIO: 5,
  VIRTIO_IOMMU_F_BYPASS_CONFIG: 6,
  VIRTIO_F_INDIRECT_DESC: 28,
  VIRTIO_F_EVENT_IDX: 29,
  VIRTIO_F_VERSION_1: 32,
  VIRTIO_F_ACCESS_PLATFORM: 33,
  VIRTIO_F_RING_PACKED: 34,
  VIRTIO_F_IN_ORDER: 35,
  VIRTIO_F_ORDER_PLATFORM: 36,
  VIRTIO_F_SR_IOV: 37,
  VIRTIO_F_NOTIFICATION_DATA: 38,
  VIRTIO_F_NOTIF_CONFIG_DATA: 39,
  VIRTIO_F_RING_RESET: 40,
  VIRTIO_F_ADMIN_VQ: 41,
  VIRTIO_F_SUSPEND: 43,
} as const;

export type FeatureName = keyof typeof FEATURE_BITS;

/** The set of features as the 64-bit word that the driver reads in two halves. */
export function featureWord(names: Iterable<FeatureName>): bigint {
  let word = 0n;
  for (const name of names) word |= 1n << BigInt(FEATURE_BITS[name]);
  return word;
}

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(FEATURE_BITS).map(([name, bit]) => [bit, name]));

/** Names of the bits set in `word`, lowest first; a bit without a name reads `bit 17`. */
export function featureNames(word: bigint): string[] {
  const names: string[] = [];
  for (let bit = 0, rest = word; rest > 0n; bit++, rest >>= 1n) {
    if ((rest & 1n) === 1n) names.push(NAMES.get(bit) ?? `bit ${bit}`);
  }
  return names;
}

/** Each bit as a word of its own: shifting a bigint takes longer than looking one up. */
const FEATURE_WORDS: ReadonlyMap<string, bigint> = new Map(
  Object.entries(FEATURE_BITS).map(([name, bit]) => [name, 1n << BigInt(bit)]),
);

/** Whether the feature `name` is set in `word`. */
export function hasFeature(word: bigint, name: FeatureName): boolean {
  return (word & FEATURE_WORDS.get(name)!) !== 0n;
}
