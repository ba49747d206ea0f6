import { defineCase, judgeAttached, judgeNamed } from '../api/index.ts';

const PCI_SLOTS = ['rng', 'dma', 'gap', 'rng2', 'dma2'] as const;

export default defineCase({
  id: 'topology/iommu-map',
  title: 'Functions have the IDs that iommu-map gives them, and those between its entries have none',
  demands:
    'Each entry maps a run of requester IDs to a run of endpoint IDs, which may be anything: here they are shifted, permuted and ' +
    'longer than 16 bits. A function in a hole of the map is not translated, and neither is the IOMMU itself.',
  requirements: ['platform/device-tree/iommu-map', 'platform/device-tree/gaps-untouched'],
  needs: { verbs: ['start', 'attach'] },

  vary: {
    holes: 'device-tree',
    'iommu-beside-the-bridge': 'device-tree-mmio',
    'ids-moved-about': 'offset-ids',
    'two-root-complexes': 'two-root-complexes',
  } as const,

  given: (topology) => ({ topology, endpoints: Object.fromEntries(PCI_SLOTS.map((slot) => [slot, {}])) }),

  async when({ driver }) {
    await driver.start();
    for (const endpoint of ['dma', 'dma2'] as const) await driver.try.attach({ endpoint, domain: endpoint });
  },

  then(seen) {
    judgeAttached(seen, ['platform/device-tree/iommu-map'], PCI_SLOTS);
    judgeNamed(seen, ['platform/device-tree/gaps-untouched'], PCI_SLOTS);
  },

  mustCatch: {
    'iommu-map-length-ignored': 'platform/device-tree/gaps-untouched',
    'iommu-map-base-ignored': 'platform/device-tree/iommu-map',
    'iommu-map-first-entry-only': 'platform/device-tree/iommu-map',
    'iommu-map-offset-ignored': 'platform/device-tree/iommu-map',
    'second-bridge-ignored': 'platform/device-tree/iommu-map',
    'iommu-map-id-16-bit': 'platform/device-tree/iommu-map',
  },
});
