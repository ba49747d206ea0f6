import {
  askAboutRegions,
  defineCase,
  type DeviceFaultName,
  hex,
  knowledgeOf,
  type OtherProperty,
} from '../api/index.ts';

const FIRST = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };
const SECOND = { subtype: 0, start: 0x6000_0000n, end: 0x6000_ffffn };

interface Row {
  readonly faults?: readonly DeviceFaultName[];
  readonly others?: readonly OtherProperty[];
  /** Bytes by which the two RESV_MEM properties are longer than this version has them. */
  readonly surplus?: readonly [number, number];
}

export default defineCase({
  id: 'probe/list-shapes',
  title: 'The property list is walked by the length of each property, to an empty one or to its end',
  demands:
    'The next property begins length + 4 bytes behind the last one, whatever its type. The list ends with an empty property, or ' +
    'where the buffer ends. A property may be longer than this version of the specification knows.',
  requirements: ['iommu/driver/probe/no-length-from-type', 'iommu/prose/probe-parse'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    plain: {},
    'longer-property-first': { surplus: [8, 0] },
    'longer-property-last': { surplus: [0, 300] },
    'no-empty-property': { faults: ['probe-no-terminator'] },
    'unknown-and-no-empty-property': { faults: ['probe-unknown-property', 'probe-no-terminator'] },
    'unknown-between': { others: [{ behind: 1, type: 0x7a5, length: 12 }] },
    'unknown-last': { others: [{ behind: 2, type: 2, length: 20 }] },
    'unknown-and-empty': { others: [{ behind: 0, type: 0xfff, length: 0 }] },
    'unknown-of-odd-length': { others: [{ behind: 1, type: 3, length: 7 }] },
    'a-dozen-unknown': {
      others: Array.from({ length: 12 }, (_, at) => ({ behind: at % 3, type: 0x100 + at, length: at })),
    },
  } satisfies Readonly<Record<string, Row>>,
  control: 'plain',

  given: ({ faults = [], others = [], surplus: [first, second] = [0, 0] }: Row) => ({
    endpoints: {
      dma: {
        resvMem: [
          { ...FIRST, surplus: first },
          { ...SECOND, surplus: second },
        ],
        otherProperties: others,
      },
    },
    faults,
  }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await askAboutRegions(driver, [FIRST, SECOND]);
  },

  then(seen, row) {
    const isLong = 'surplus' in row;
    // A driver that does not know the first region of a plain list looks at no region, which is judged by its MAPs.
    if (Object.keys(row).length === 0 && knowledgeOf(seen, FIRST)?.isKnown !== true) return;
    for (const [index, region] of [FIRST, SECOND].entries()) {
      const shown = knowledgeOf(seen, region);
      seen.check(
        isLong ? 'iommu/driver/probe/no-length-from-type' : 'iommu/prose/probe-parse',
        shown?.isKnown,
        shown?.at,
        `The driver does not know that ${hex(region.start)} to ${hex(region.end)} is reserved, by RESV_MEM property ${index + 1} of the list.`,
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
