import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;
const OTHER = 0x20_0000n;

export default defineCase({
  id: 'map/end-after-start',
  title: 'virt_end of a MAP is greater than virt_start',
  demands:
    'virt_end is the last address of the range, not the one behind it and not a length, and it has to be greater than virt_start. ' +
    'With a granule of one byte that rules out a mapping of a single byte: the driver has to refuse or to round up.',
  requirements: ['iommu/driver/map/virt-end-gt-start'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'one-page': { page_size_mask: 0xffff_ffff_ffff_f000n, length: 0x1000 },
    'two-pages': { page_size_mask: 0xffff_ffff_ffff_f000n, length: 0x2000 },
    'two-bytes': { page_size_mask: 0xffff_ffff_ffff_ffffn, length: 2 },
    'one-byte': { page_size_mask: 0xffff_ffff_ffff_ffffn, length: 1 },
  },

  given: ({ page_size_mask }) => ({ config: { page_size_mask }, endpoints: { dma: {} } }),

  async when({ driver }, { page_size_mask, length }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({
      iova: IOVA,
      length: Math.max(2, Number(page_size_mask & -page_size_mask)),
      access: 'read-write',
    });
    const mapped = await driver.try.map({ iova: OTHER, length, access: 'read-write' });
    if (mapped.ok) await driver.unmap({ iova: OTHER, length });
  },

  then(seen) {
    const call = seen.calls('map').at(1);
    if (call && !call.ok && call.requests('MAP').length === 0) {
      seen.held('iommu/driver/map/virt-end-gt-start', call.answer);
    }
  },

  mustCatch: {
    'map-end-equals-start': 'iommu/driver/map/virt-end-gt-start',
    'map-end-is-length': 'iommu/driver/map/virt-end-gt-start',
  },
});
