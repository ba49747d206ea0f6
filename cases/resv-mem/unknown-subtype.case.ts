import { askAboutRegions, defineCase } from '../api/index.ts';

const REGION = { start: 0x4000_0000n, end: 0x4000_ffffn };

export default defineCase({
  id: 'resv-mem/unknown-subtype',
  title: 'A reserved region of unknown subtype is treated as RESERVED',
  demands:
    'A later version may define other kinds of reserved regions. A driver that does not know the kind should keep away from the ' +
    'addresses all the same.',
  requirements: ['iommu/driver/resv-mem/unknown-subtype-as-reserved'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'first-unknown': 2, middle: 0x7f, highest: 0xff },

  given: (subtype) => ({ endpoints: { dma: { resvMem: [{ subtype, ...REGION }] } } }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await askAboutRegions(driver, [REGION]);
  },

  mustCatch: {
    'ignores-unknown-subtype': 'iommu/driver/resv-mem/unknown-subtype-as-reserved',
  },
});
