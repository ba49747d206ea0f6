import { defineCase } from '../api/index.ts';

/** The highest first, the lowest in the middle. */
const REGIONS = [0x6000_0000n, 0x2000_0000n, 0x4000_0000n].map((start) => ({
  start,
  end: start + 0x3fffn,
  subtype: 0,
}));

export default defineCase({
  id: 'regressions/unsorted-reserved-regions',
  title: 'Reserved regions are respected in whatever order PROBE lists them',
  demands:
    'Nothing says that a device sorts its properties. A driver that goes through the list as if it were sorted skips regions, and ' +
    'maps what cannot be mapped.',
  requirements: ['iommu/driver/resv-mem/no-map-in-reserved'],
  needs: { verbs: ['start', 'attach', 'map'] },

  given: () => ({ endpoints: { dma: { resvMem: REGIONS } } }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: 0x1000_0000n, length: 0x1000, access: 'read-write', buffer: 'b' });
    for (const { start } of REGIONS) {
      await driver.try.map({ iova: start, length: 0x1000, access: 'read-write', buffer: 'b' });
    }
  },

  shippedIn: [
    'Linux before 5.17: regions stood in the order of the list, which an identity map could not use; commit 561097941564.',
  ],

  mustCatch: {
    'reserved-regions-thought-sorted': 'iommu/driver/resv-mem/no-map-in-reserved',
  },
});
