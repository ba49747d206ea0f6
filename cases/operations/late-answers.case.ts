import { defineCase } from '../api/index.ts';

const MAPPING = { iova: 0x10_0000n, length: 0x1000 } as const;

export default defineCase({
  id: 'operations/late-answers',
  title: 'The driver waits for a late completion, and reports nothing before it',
  demands:
    'A device may take its time over any request. Until the request is on the used ring, the mapping it makes cannot be used and ' +
    'the memory it frees cannot be given away, so the driver must neither report success nor send the request again.',
  requirements: ['iommu/safety/map-before-dma', 'iommu/safety/unmap-before-reuse'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    ATTACH: ['ATTACH'],
    MAP: ['MAP'],
    UNMAP: ['UNMAP'],
    'MAP-and-UNMAP': ['MAP', 'UNMAP'],
    'in-time': [],
  } as const,
  control: 'in-time',

  given: (withheld) => ({
    endpoints: { dma: {} },
    faults: withheld.map((request) => ({ name: 'withhold-completion', request }) as const),
  }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ ...MAPPING, access: 'read-write' });
    await driver.unmap(MAPPING);
  },

  mustCatch: {
    'map-answered-early': 'iommu/safety/map-before-dma',
    'unmap-answered-early': 'iommu/safety/unmap-before-reuse',
    'looks-at-status-early': 'iommu/safety/map-before-dma',
    'frees-before-unmap-completes': 'iommu/safety/unmap-before-reuse',
  },
});
