/** Every difference between QEMU's virtio-iommu and ours that has been looked into. The first entry that matches counts. */
import type { ReviewedDifference } from './comparison.ts';
import { REVIEWED_EFFECTS } from './reviewed-effects.ts';
import { REVIEWED_REQUESTS } from './reviewed-requests.ts';

/** The QEMU that the list was reviewed with. */
export const REVIEWED_WITH = '11.1';

export const REVIEWED_DIFFERENCES: readonly ReviewedDifference[] = [...REVIEWED_REQUESTS, ...REVIEWED_EFFECTS];
