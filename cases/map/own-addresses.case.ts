import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'map/own-addresses',
  title: 'Addresses and memory that the driver chooses itself are multiples of the granule',
  demands:
    'The device maps whole granules, so a driver that picks addresses for the buffers of an endpoint picks multiples of the lowest page ' +
    'size, and buffers at such places in memory, even where input_range ends in between. A driver whose own pages are smaller ' +
    'may give the device up; one that goes on by its own pages has its mappings refused.',
  requirements: ['iommu/prose/granule'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    '4-kib': 0x1000n,
    '4-kib-with-holes': 0x4020_1000n,
    '64-kib': 0x1_0000n,
    '2-mib': 0x20_0000n,
  },

  given: (page_size_mask) => ({
    config: { page_size_mask, input_range: { start: 0n, end: 0xffff_afffn } },
    endpoints: { rng: {} },
  }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
  },

  mustCatch: {
    'iova-steps-of-4096': 'iommu/prose/granule',
    'buffers-at-4096': 'iommu/prose/granule',
    'page-size-4096': 'iommu/prose/granule',
  },
});
