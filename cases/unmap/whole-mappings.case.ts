import { defineCase, hex } from '../api/index.ts';

const IOVA = 0x10_0000n;
const EVERY_ADDRESS = 0xffff_ffff_ffff_ffffn;

export default defineCase({
  id: 'unmap/whole-mappings',
  title: 'UNMAP begins where a mapping begins and ends where one ends',
  demands:
    'A mapping is what one MAP made, and it can only be removed whole. An UNMAP that is one granule short, or one byte, is refused ' +
    'and leaves everything mapped; one that is too long takes the neighbour away.',
  requirements: [
    'iommu/driver/unmap/start-on-boundary',
    'iommu/driver/unmap/end-on-boundary',
    'iommu/driver/unmap/covers-contiguous-mappings',
    'platform/map/exactly-as-asked',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'one-page': { length: 0x1000, granule: 0x1000 },
    'two-pages': { length: 0x2000, granule: 0x1000 },
    'sixteen-pages': { length: 0x1_0000, granule: 0x1000 },
    '2-mib': { length: 0x20_0000, granule: 0x1000 },
    'two-pages-of-64-kib': { length: 0x2_0000, granule: 0x1_0000 },
  },

  given: ({ granule }) => ({ config: { page_size_mask: -BigInt(granule) & EVERY_ADDRESS }, endpoints: { dma: {} } }),

  async when({ driver, machine }, { length, granule }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    const behind = IOVA + BigInt(length);
    await driver.map({ iova: IOVA, length, access: 'read-write' });
    await driver.map({ iova: behind, length: granule, access: 'read-write', buffer: 'neighbour' });
    await driver.unmap({ iova: IOVA, length });
    await machine.dma({ endpoint: 'dma', address: behind, length: 1, access: 'read', label: 'neighbour' });
  },

  then(seen, { length }) {
    for (const access of seen.dma('neighbour')) {
      seen.check(
        'platform/map/exactly-as-asked',
        seen.world.reached(access),
        access,
        `DMA to ${hex(access.address)} faults, which is mapped; only the ${length} bytes before it were unmapped.`,
      );
    }
  },

  mustCatch: {
    'unmap-end-exclusive': 'iommu/driver/unmap/end-on-boundary',
    'unmap-one-granule-short': 'iommu/driver/unmap/end-on-boundary',
    'unmap-first-granule-only': 'iommu/driver/unmap/end-on-boundary',
    'unmap-one-granule-long': 'platform/map/exactly-as-asked',
    'unmap-twice': 'iommu/driver/unmap/covers-contiguous-mappings',
  },
});
