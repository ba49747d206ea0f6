import { askAboutRegions, defineCase, hex, knowledgeOf } from '../api/index.ts';

const REGION = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };

export default defineCase({
  id: 'probe/reserved-type-bits',
  title: 'A property whose reserved type bits are set is ignored, whatever its type says',
  demands:
    'The upper four bits of the type are kept for later versions, in which they will change what the property means. A driver that ' +
    'masks them away reads something into the property that it does not say.',
  requirements: ['iommu/driver/probe/ignore-reserved-bits-property', 'iommu/prose/probe-parse'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { '': true, 'bits-zero': false },
  control: 'bits-zero',

  given: (isTampered) => ({
    endpoints: { dma: { resvMem: isTampered ? [] : [REGION] } },
    faults: isTampered ? [{ name: 'probe-reserved-type-bits', range: REGION }] : [],
  }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await askAboutRegions(driver, [REGION]);
  },

  then(seen, isTampered) {
    const shown = knowledgeOf(seen, REGION);
    if (!shown) return;
    if (!isTampered) {
      // A driver that looks at no region shows nothing by not looking at this one.
      if (shown.isKnown) seen.held('iommu/prose/probe-parse', shown.at);
      return;
    }
    if (!seen.of('completion').some(({ fault }) => fault?.includes('probe-reserved-type-bits'))) return;
    seen.check(
      'iommu/driver/probe/ignore-reserved-bits-property',
      !shown.isKnown,
      shown.at,
      `A property with reserved type bits set names ${hex(REGION.start)} to ${hex(REGION.end)}, and the driver takes that for reserved.`,
    );
  },

  shippedIn: [
    'Linux, drivers/iommu/virtio-iommu.c since 5.3: viommu_probe_endpoint() masks the reserved bits of a type away.',
  ],

  mustCatch: {
    'property-type-masked': 'iommu/driver/probe/ignore-reserved-bits-property',
    'property-type-8-bit': 'iommu/driver/probe/ignore-reserved-bits-property',
    'regions-only-listed': 'iommu/driver/probe/ignore-reserved-bits-property',
  },
});
