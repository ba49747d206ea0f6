import { defineCase } from '../api/index.ts';

const EVERY_ADDRESS = 0xffff_ffff_ffff_ffffn;

interface Row {
  readonly subtype: number;
  readonly start: bigint;
  readonly end: bigint;
  /** 4 KiB if left out. */
  readonly page?: bigint;
}

export default defineCase({
  id: 'resv-mem/own-allocations',
  title: 'The addresses that the driver chooses itself lie outside reserved regions',
  demands:
    'When the driver picks addresses for the buffers of an endpoint, it should leave out what PROBE reported for that endpoint, ' +
    'at whichever end of the address space it begins to look.',
  requirements: ['iommu/driver/resv-mem/no-map-in-reserved'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'top-of-32-bits': { subtype: 0, start: 0xf000_0000n, end: 0xffff_ffffn },
    'bottom-of-the-space': { subtype: 0, start: 0n, end: 0xff_ffffn },
    'both-from-one-mib': { subtype: 0, start: 0x10_0000n, end: 0x3fff_ffffn },
    'ends-inside-a-page-of-64-kib': { subtype: 0, start: 0n, end: 0xff00_4fffn, page: 0x1_0000n },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ page = 0x1000n, ...region }: Row) => ({
    config: { input_range: { start: 0n, end: 0xffff_ffffn }, page_size_mask: -page & EVERY_ADDRESS },
    endpoints: { rng: { resvMem: [region] } },
  }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
  },

  mustCatch: {
    'alloc-in-resv-mem': 'iommu/driver/resv-mem/no-map-in-reserved',
  },
});
