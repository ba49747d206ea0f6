import { askAboutRegions, defineCase, hex, knowledgeOf } from '../api/index.ts';

const REGION = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };

export default defineCase({
  id: 'resv-mem/reserved-bytes',
  title: 'The reserved bytes of a RESV_MEM property carry no meaning',
  demands:
    'The driver must ignore the three bytes behind the subtype. A driver that drops the property because of them maps into a ' +
    'region that it was warned of.',
  requirements: ['iommu/driver/resv-mem/ignore-reserved', 'iommu/prose/probe-parse'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'bytes-set': ['probe-resv-reserved-nonzero'], 'bytes-zero': [] } as const,
  control: 'bytes-zero',

  given: (faults) => ({ endpoints: { dma: { resvMem: [REGION] } }, faults }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await askAboutRegions(driver, [REGION]);
  },

  then(seen, faults) {
    const shown = knowledgeOf(seen, REGION);
    if (faults.length === 0) {
      if (shown?.isKnown === true) seen.held('iommu/prose/probe-parse', shown.at);
      return;
    }
    seen.check(
      'iommu/driver/resv-mem/ignore-reserved',
      shown?.isKnown,
      shown?.at,
      `The driver does not know that ${hex(REGION.start)} to ${hex(REGION.end)} is reserved, by a RESV_MEM property with non-zero reserved bytes.`,
    );
  },

  mustCatch: {
    'resv-mem-reserved-checked': 'iommu/driver/resv-mem/ignore-reserved',
    'resv-mem-subtype-32-bit': 'iommu/driver/resv-mem/ignore-reserved',
  },
});
