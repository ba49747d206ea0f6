import { defineCase } from '../api/index.ts';

const KIB_4 = 0x1000n;
const KIB_64 = 0x1_0000n;
const EVERY_ADDRESS = 0xffff_ffff_ffff_ffffn;

export default defineCase({
  id: 'resv-mem/boundaries',
  title: 'No MAP touches a reserved region, from its first byte to its last',
  demands:
    'Addresses that PROBE reports as RESERVED or as an MSI doorbell cannot be mapped; both ends of the region belong to it. ' +
    'The page before and the page behind are free.',
  requirements: ['iommu/driver/resv-mem/no-map-in-reserved'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    reserved: { page: KIB_4, subtype: 0, start: 0x4000_0000n, end: 0x4000_3fffn },
    'reserved-one-page': { page: KIB_4, subtype: 0, start: 0x4000_0000n, end: 0x4000_0fffn },
    'reserved-above-32-bits': { page: KIB_4, subtype: 0, start: 0x12_4000_0000n, end: 0x12_4000_3fffn },
    'ends-with-the-first-byte-of-a-page': { page: KIB_4, subtype: 0, start: 0x4000_0000n, end: 0x4000_3000n },
    'from-address-0': { page: KIB_4, subtype: 0, start: 0n, end: 0x4000_3000n },
    'msi-doorbell': { page: KIB_4, subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn },
    'inside-a-page-of-64-kib': { page: KIB_64, subtype: 0, start: 0x4000_4000n, end: 0x4000_4fffn },
  },

  given: ({ page, ...region }) => ({
    config: { page_size_mask: -page & EVERY_ADDRESS },
    endpoints: { dma: { resvMem: [region] } },
  }),

  async when({ driver }, { page, start, end }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    const length = Number(page);
    const first = start - (start % page);
    const last = end - (end % page);
    // Nothing can be learnt from refusals if the page behind the region is refused as well.
    await driver.map({ iova: last + page, length, access: 'read-write' });
    await driver.try.map({ iova: first, length, access: 'read-write' });
    await driver.try.map({ iova: last, length, access: 'read-write' });
    if (first > 0n)
      await driver.try.map({ iova: first - page, length: 2 * length, access: 'read-write', buffer: 'across' });
  },

  mustCatch: {
    'map-in-resv-mem': 'iommu/driver/resv-mem/no-map-in-reserved',
    'map-in-msi': 'iommu/driver/resv-mem/no-map-in-reserved',
    'msi-region-ignored': 'iommu/driver/resv-mem/no-map-in-reserved',
    'resv-mem-end-exclusive': 'iommu/driver/resv-mem/no-map-in-reserved',
    'resv-mem-end-as-length': 'iommu/driver/resv-mem/no-map-in-reserved',
    'resv-mem-32-bit': 'iommu/driver/resv-mem/no-map-in-reserved',
    'probe-status-first': 'iommu/driver/resv-mem/no-map-in-reserved',
  },
});
