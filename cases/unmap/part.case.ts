import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;
const OTHER = 0x20_0000n;
const LENGTH = 0x4000;

export default defineCase({
  id: 'unmap/part',
  title: 'Asked to unmap a part of a mapping, the driver sends no UNMAP that would split it',
  demands:
    'A mapping that one MAP made can only be removed whole. A driver that is asked for a part has to refuse, or to have made the ' +
    'mapping in pieces.',
  requirements: ['iommu/driver/unmap/start-on-boundary', 'iommu/driver/unmap/end-on-boundary'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'first-page': { at: 0x0000n, length: 0x1000 },
    'middle-pages': { at: 0x1000n, length: 0x2000 },
    'last-page': { at: 0x3000n, length: 0x1000 },
    'half-a-page': { at: 0x0000n, length: 0x800 },
    'across-the-end': { at: 0x2000n, length: 0x4000 },
    whole: { at: 0x0000n, length: LENGTH },
  },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver }, { at, length }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (const iova of [IOVA, OTHER]) await driver.map({ iova, length: LENGTH, access: 'read-write' });
    await driver.unmap({ iova: OTHER, length: LENGTH });
    await driver.try.unmap({ iova: IOVA + at, length });
  },

  then(seen) {
    const call = seen.calls('unmap').at(1);
    if (!call || call.ok || call.requests('UNMAP').length > 0) return;
    seen.held('iommu/driver/unmap/start-on-boundary', call.answer);
    seen.held('iommu/driver/unmap/end-on-boundary', call.answer);
  },

  mustCatch: {
    'unmap-splits-mapping': 'iommu/driver/unmap/start-on-boundary',
    'unmap-unaligned-sent': 'iommu/driver/unmap/end-on-boundary',
  },
});
