import { counted, defineCase } from '../api/index.ts';

const KIB_4 = 0x1000n;
const KIB_64 = 0x1_0000n;
const MIB_2 = 0x20_0000n;
/** 4 KiB is the granule; that there is no 64 KiB between it and 2 MiB is no matter. */
const WITH_HOLES = MIB_2 | KIB_4;
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

  async when({ driver }, { iova, length }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.map({ iova, length, access: 'read-write' });
  },

  then(seen, { mask, iova, length }) {
    const granule = mask & -mask;
    const answer = seen.answers.find(({ verb }) => verb === 'map');
    if (!answer) return;
    const maps = seen.named('MAP');
    for (const map of maps) {
      const { virt_start = 0n, virt_end = 0n, phys_start = 0n } = map.fields;
      seen.check(
        'iommu/prose/granule',
        (virt_start | phys_start | (virt_end + 1n)) % granule === 0n,
        map,
        `Asked for ${counted(length, 'byte')} at 0x${iova.toString(16)}, the driver maps 0x${virt_start.toString(16)} to 0x${virt_end.toString(16)} to 0x${phys_start.toString(16)}; the granule is 0x${granule.toString(16)}.`,
      );
    }
    if (maps.length === 0 && answer.outcome === 'not-ok') seen.check('iommu/prose/granule', true, answer, '');
  },

  mustCatch: {
    'map-unaligned-sent': 'iommu/prose/granule',
    'map-length-not-rounded': 'iommu/prose/granule',
  },
});
