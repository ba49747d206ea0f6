import { defineCase } from '../api/index.ts';

/** Where the doorbell of x86 is. */
const USUAL = 0xfee0_0000n;

interface Row {
  readonly resvMem: readonly { readonly subtype: number; readonly start: bigint; readonly end: bigint }[];
  readonly doorbell?: bigint;
}

export default defineCase({
  id: 'resv-mem/no-msi-region',
  title: 'Where no MSI region is reported, the doorbell of interrupts is mapped like any registers',
  demands:
    'A message-signalled interrupt is a write by the endpoint. If no region of that kind is reported for it, the write is ' +
    'translated, and without a mapping to the interrupt controller the interrupt is lost.',
  requirements: ['iommu/prose/msi-doorbell-mapping', 'iommu/driver/map/mmio-flag-for-device-memory'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'no-region': { resvMem: [] },
    'a-region': { resvMem: [{ subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn }] },
    // The message goes to the doorbell, and not to where its granule begins.
    'inside-its-page': { resvMem: [], doorbell: 0xfee0_0040n },
    'last-of-its-page': { resvMem: [], doorbell: 0xfee1_2ffcn },
    'inside-a-region': {
      resvMem: [{ subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn }],
      doorbell: 0xfee0_0040n,
    },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ resvMem, doorbell = USUAL }: Row) => ({ endpoints: { rng: { resvMem } }, doorbell }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
  },

  then(seen) {
    if (seen.of('message').some(({ endpoint }) => endpoint === 'rng')) return;
    seen.untested('Where the endpoint writes its interrupts to cannot be seen here, or it sends none.');
  },

  mustCatch: {
    'doorbell-no-offset': 'iommu/prose/msi-doorbell-mapping',
    'doorbell-not-mapped': 'iommu/prose/msi-doorbell-mapping',
    'registers-mapped-as-memory': 'iommu/driver/map/mmio-flag-for-device-memory',
  },
});
