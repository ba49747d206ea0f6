import { defineCase } from '../api/index.ts';

const KIB_4 = 0x1000n;
const KIB_64 = 0x1_0000n;
const MIB_2 = 0x20_0000n;
/** 4 KiB is the granule; that there is no 64 KiB between it and 2 MiB is no matter. */
const WITH_HOLES = MIB_2 | KIB_4;
const ALIGNED = 0x40_0000n;
const EVERYTHING = 0xffff_ffff_ffff_f000n;

export default defineCase({
  id: 'map/unaligned',
  title: 'A MAP is aligned to the granule, even if what was asked for is not',
  demands:
    'The device maps whole granules. Asked for less, the driver either refuses or rounds to whole granules; sent as it is, the ' +
    'request would be refused by the device.',
  requirements: ['iommu/prose/granule'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    aligned: { mask: EVERYTHING, iova: 0x10_0000n, length: 0x1000 },
    'start-not-aligned': { mask: EVERYTHING, iova: 0x10_0800n, length: 0x1000 },
    'length-not-aligned': { mask: EVERYTHING, iova: 0x10_0000n, length: 0x1234 },
    'end-aligned-only': { mask: EVERYTHING, iova: 0x10_0ff0n, length: 0x1010 },
    'mask-with-holes': { mask: WITH_HOLES, iova: 0x10_1000n, length: 0x1000 },
    '64-kib-aligned': { mask: KIB_64, iova: 0x10_0000n, length: 0x1_0000 },
    '64-kib-start-at-4-kib': { mask: KIB_64, iova: 0x10_1000n, length: 0x1_0000 },
    '64-kib-length-of-4-kib': { mask: KIB_64, iova: 0x10_0000n, length: 0x1000 },
  },

  given: ({ mask }) => ({ config: { page_size_mask: mask }, endpoints: { dma: {} } }),

  async when({ driver }, { mask, iova, length }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: ALIGNED, length: Number(mask & -mask), access: 'read-write' });
    await driver.try.map({ iova, length, access: 'read-write' });
  },

  then(seen) {
    const call = seen.calls('map').at(1);
    if (call && !call.ok && call.requests('MAP').length === 0) seen.held('iommu/prose/granule', call.answer);
  },

  mustCatch: {
    'map-unaligned-sent': 'iommu/prose/granule',
    'map-length-not-rounded': 'iommu/prose/granule',
  },
});
