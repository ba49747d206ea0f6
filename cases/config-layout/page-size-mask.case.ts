import { defineCase } from '../api/index.ts';

const IOVA = 0x4000_0000n;

export default defineCase({
  id: 'config-layout/page-size-mask',
  title: 'The lowest bit of page_size_mask is the granule of every mapping, and higher bits are hints',
  demands:
    'virt_start, virt_end + 1 and phys_start have to be multiples of the lowest page size. A driver for which that page is too ' +
    'large gives the device up; one that takes another bit for the granule has its mappings refused.',
  requirements: ['iommu/prose/granule'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    '4-kib': 0x1000n,
    '4-kib-and-larger': 0x1000n | 0x20_0000n | 0x4000_0000n,
    'everything-from-4-kib': 0xffff_ffff_ffff_f000n,
    '64-kib': 0x1_0000n,
    'single-bytes': 0xffff_ffff_ffff_ffffn,
    '512-bytes': 0x200n,
    'above-32-bits-too': 0x1_0000_0000_1000n,
  },

  given: (page_size_mask) => ({ config: { page_size_mask }, endpoints: { rng: {}, dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (const length of [0x1000, 0x1_0000, 0x1_1000]) {
      const mapped = await driver.try.map({ iova: IOVA, length, access: 'read-write', buffer: `b${length}` });
      if (mapped.ok) await driver.unmap({ iova: IOVA, length });
    }
  },

  mustCatch: {
    'page-size-4096': 'iommu/prose/granule',
    'map-end-exclusive': 'iommu/prose/granule',
  },
});
