import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

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

  async when({ driver }, { length }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const mapped = await driver.try.map({ iova: IOVA, length, access: 'read-write' });
    if (mapped.ok) await driver.try.unmap({ iova: IOVA, length });
  },

  then(seen) {
    const maps = seen.named('MAP');
    const answer = seen.answers.find(({ verb }) => verb === 'map');
    if (answer?.outcome === 'not-ok' && maps.length === 0) {
      seen.check('iommu/driver/map/virt-end-gt-start', true, answer, '');
    }
    for (const map of maps) {
      const { virt_start = 0n, virt_end = 0n } = map.fields;
      seen.check(
        'iommu/driver/map/virt-end-gt-start',
        virt_end > virt_start,
        map,
        `MAP has virt_end 0x${virt_end.toString(16)}, virt_start 0x${virt_start.toString(16)}; virt_end must be greater.`,
      );
    }
  },

  mustCatch: {
    'map-end-equals-start': 'iommu/driver/map/virt-end-gt-start',
    'map-end-is-length': 'iommu/driver/map/virt-end-gt-start',
  },
});
