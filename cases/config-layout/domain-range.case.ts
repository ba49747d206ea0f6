import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'config-layout/domain-range',
  title: 'Every request names a domain inside domain_range, both ends included',
  demands:
    'domain_range says which domain numbers the device has. A driver that counts from 0 or 1, or cuts the number to 16 bits, ' +
    'names domains that do not exist; where the range is used up it has to refuse.',
  requirements: ['iommu/driver/ops/respect-domain-range'],
  needs: { verbs: ['start', 'attach'] },

  vary: {
    'only-1': { start: 1, end: 1 },
    'only-0': { start: 0, end: 0 },
    '7-and-8': { start: 7, end: 8 },
    'above-16-bits': { start: 0x1_0000, end: 0x1_0003 },
    'top-of-31-bits': { start: 0x7fff_fffe, end: 0x7fff_ffff },
    'whole-le32': { start: 0, end: 0xffff_ffff },
    'only-the-last': { start: 0xffff_ffff, end: 0xffff_ffff },
    'top-of-le32': { start: 0xffff_fffe, end: 0xffff_ffff },
  },

  given: (domain_range) => ({ config: { domain_range }, endpoints: { dma: {}, dma2: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma', domain: 'd1' });
    // There may be fewer domains than are asked for.
    await driver.try.attach({ endpoint: 'dma2', domain: 'd2' });
    await driver.try.attach({ endpoint: 'dma', domain: 'd3' });
  },

  mustCatch: {
    'domain-ignores-range': 'iommu/driver/ops/respect-domain-range',
    'domain-past-range-end': 'iommu/driver/ops/respect-domain-range',
    'domain-16-bit-truncation': 'iommu/driver/ops/respect-domain-range',
  },
});
