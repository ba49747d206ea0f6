import { defineCase, hex } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'unmap/several-at-once',
  title: 'Several mappings, with or without a hole between them, are gone after one unmap over all of them',
  demands:
    'One UNMAP may remove several mappings and may spill over addresses that are not mapped. Whether the driver sends one request ' +
    'or several, nothing of the range may be left when it says that the range is unmapped.',
  requirements: ['iommu/driver/unmap/covers-contiguous-mappings', 'platform/free/unmapped-when-freed'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    adjacent: [0x0000n, 0x1000n, 0x2000n],
    'hole-in-the-middle': [0x0000n, 0x3000n],
    'one-mapping': [0x0000n],
  },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver, machine }, places) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (const place of places) await driver.map({ iova: IOVA + place, length: 0x1000, access: 'read-write' });
    await driver.unmap({ iova: IOVA, length: Number(places.at(-1) ?? 0n) + 0x1000 });
    for (const place of places) {
      await machine.dma({ endpoint: 'dma', address: IOVA + place, length: 1, access: 'read', label: 'unmapped' });
    }
  },

  then(seen) {
    for (const access of seen.dma('unmapped')) {
      seen.check(
        'platform/free/unmapped-when-freed',
        seen.world.withdrawn(access),
        access,
        `DMA to ${hex(access.address)} still succeeds after the driver unmapped the whole range; a fault was expected.`,
      );
    }
  },

  mustCatch: {
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
    'unmap-one-granule-short': 'iommu/driver/unmap/covers-contiguous-mappings',
  },
});
