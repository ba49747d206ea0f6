import { defineCase } from '../api/index.ts';

/** What the second IOMMU translates: 256 MiB, where the first has nothing of its own. */
const WINDOW = { start: 0x40_0000_0000n, end: 0x40_0fff_ffffn };

export default defineCase({
  id: 'topology/iommu-configurations',
  title: 'Each IOMMU is driven by its own configuration',
  demands:
    'Two IOMMUs of one machine need not be alike: input_range, domain_range and probe_size of each hold for that one, and the ' +
    'features are negotiated with each.',
  requirements: [
    'iommu/driver/ops/respect-input-range',
    'iommu/driver/ops/respect-domain-range',
    'iommu/driver/probe/properties-size',
    'platform/map/reachable-when-exposed',
  ],
  needs: { verbs: ['start', 'io'] },

  vary: {
    ranges: { config: { input_range: WINDOW } },
    'without-probe': { withholds: ['VIRTIO_IOMMU_F_PROBE'] },
  } as const,

  given: (iommu2) => ({
    topology: 'two-iommus',
    moreIommus: { iommu2 },
    endpoints: { rng: {}, rng2: {} },
  }),

  async when({ driver }) {
    await driver.start();
    for (const endpoint of ['rng', 'rng2'] as const) await driver.io({ endpoint, length: 256 });
  },

  mustCatch: {
    'config-of-first-iommu': 'iommu/driver/ops/respect-domain-range',
    'ignores-input-range': 'iommu/driver/ops/respect-input-range',
    'first-iommu-for-all': 'platform/map/reachable-when-exposed',
  },
});
