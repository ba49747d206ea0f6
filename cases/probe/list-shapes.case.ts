import { askAboutRegions, defineCase, hex, knowledgeOf } from '../api/index.ts';

const FIRST = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };
const SECOND = { subtype: 0, start: 0x6000_0000n, end: 0x6000_ffffn };

export default defineCase({
  id: 'probe/list-shapes',
  title: 'The property list is walked by the length of each property, to an empty one or to its end',
  demands:
    'The next property begins length + 4 bytes behind the last one, whatever its type. The list ends with an empty property, or ' +
    'where the buffer ends. A property may be longer than this version of the specification knows.',
  requirements: ['iommu/driver/probe/no-length-from-type', 'iommu/prose/probe-parse'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    plain: [],
    'longer-property-first': ['probe-long-resv-mem'],
    'no-empty-property': ['probe-no-terminator'],
    'unknown-and-no-empty-property': ['probe-unknown-property', 'probe-no-terminator'],
  } as const,
  control: 'plain',

  given: (faults) => ({ endpoints: { dma: { resvMem: [FIRST, SECOND] } }, faults }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await askAboutRegions(driver, [FIRST, SECOND]);
  },

  then(seen, faults) {
    // A driver that does not know the first region of a plain list looks at no region, which is judged by its MAPs.
    if (faults.length === 0 && knowledgeOf(seen, FIRST)?.isKnown !== true) return;
    const isLong = (faults as readonly string[]).includes('probe-long-resv-mem');
    for (const [index, region] of [FIRST, SECOND].entries()) {
      const shown = knowledgeOf(seen, region);
      seen.check(
        isLong ? 'iommu/driver/probe/no-length-from-type' : 'iommu/prose/probe-parse',
        shown?.isKnown,
        shown?.at,
        `The driver does not know that ${hex(region.start)} to ${hex(region.end)} is reserved, by RESV_MEM property ${index + 1} of the list (${faults.join(', ') || 'plain'}).`,
      );
    }
  },

  mustCatch: {
    'property-length-from-type': 'iommu/driver/probe/no-length-from-type',
    'rejects-long-property': 'iommu/driver/probe/no-length-from-type',
    'needs-property-terminator': 'iommu/prose/probe-parse',
    'property-length-with-header': 'iommu/prose/probe-parse',
  },
});
