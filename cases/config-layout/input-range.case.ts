import { defineCase, type Driver } from '../api/index.ts';

const PAGE = 0x1000n;
const LAST = 0xffff_ffff_ffff_ffffn;

export default defineCase({
  id: 'config-layout/input-range',
  title: 'No MAP and no UNMAP leaves input_range, whatever is asked for and whatever the driver chooses itself',
  demands:
    'input_range limits the addresses that the device can translate. Requests for addresses beyond it have to be refused by the ' +
    "driver, and the driver's own allocations have to stay inside, also where an end does not fall on a page boundary.",
  requirements: ['iommu/driver/ops/respect-input-range'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'low-32-bits': { start: 0n, end: 0xffff_ffffn },
    'start-not-0': { start: 0x10_0000n, end: 0xffff_ffffn },
    'whole-64-bits': { start: 0n, end: LAST },
    'end-inside-a-page': { start: 0n, end: 0x8000_07ffn },
    'start-inside-a-page': { start: 0x10_0800n, end: 0xffff_ffffn },
    'one-granule': { start: 0x10_0000n, end: 0x10_0fffn },
    'one-granule-at-0': { start: 0n, end: 0xfffn },
    'last-granule': { start: LAST - PAGE + 1n, end: LAST },
    'above-32-bits': { start: 0x1_0000_0000n, end: 0xff_ffff_ffffn },
  },

  given: (input_range) => ({ config: { input_range }, endpoints: { rng: {}, dma: {} } }),

  async when({ driver }, { start, end }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    const firstPage = ((start + PAGE - 1n) / PAGE) * PAGE;
    const behind = ((end + 1n) / PAGE) * PAGE;
    const places = [firstPage, behind - PAGE, firstPage - PAGE, behind].filter((iova) => iova >= 0n && iova < LAST);
    for (const iova of places) await mapAndUnmap(driver, { iova, length: 0x1000 });
    if (behind < LAST) await mapAndUnmap(driver, { iova: behind - PAGE, length: 0x2000, buffer: 'across' });
  },

  mustCatch: {
    'map-outside-input-range': 'iommu/driver/ops/respect-input-range',
    'unmap-end-exclusive': 'iommu/driver/ops/respect-input-range',
    'ignores-input-range': 'iommu/driver/ops/respect-input-range',
    'allocates-past-input-range-end': 'iommu/driver/ops/respect-input-range',
    'unmap-whole-space': 'iommu/driver/ops/respect-input-range',
  },
});

/** Most of the places are rightly refused, and nothing is there then to be unmapped. */
async function mapAndUnmap(driver: Driver, what: { iova: bigint; length: number; buffer?: string }): Promise<void> {
  const { ok } = await driver.try.map({ ...what, access: 'read-write' });
  if (ok) await driver.unmap(what);
}
