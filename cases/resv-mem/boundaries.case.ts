import { defineCase } from '../api/index.ts';

const PAGE = 0x1000n;

export default defineCase({
  id: 'resv-mem/boundaries',
  title: 'No MAP touches a reserved region, from its first byte to its last',
  demands:
    'Addresses that PROBE reports as RESERVED or as an MSI doorbell cannot be mapped; both ends of the region belong to it. ' +
    'The page before and the page behind are free.',
  requirements: ['iommu/driver/resv-mem/no-map-in-reserved'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    reserved: { subtype: 0, start: 0x4000_0000n, end: 0x4000_3fffn },
    'reserved-one-page': { subtype: 0, start: 0x4000_0000n, end: 0x4000_0fffn },
    'reserved-above-32-bits': { subtype: 0, start: 0x12_4000_0000n, end: 0x12_4000_3fffn },
    'msi-doorbell': { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn },
  },

  given: (region) => ({ endpoints: { dma: { resvMem: [region] } } }),

  async when({ driver }, { start, end }) {
    const started = await driver.start();
    if (!started.ok) return;
    await driver.attach({ endpoint: 'dma' });
    const last = end + 1n - PAGE;
    for (const iova of [start - PAGE, start, last, end + 1n]) {
      const mapped = await driver.map({ iova, length: 0x1000, access: 'read-write' });
      // Nothing to be learnt from refusals if the page before the region is refused as well.
      if (!mapped.ok && iova < start) return;
    }
    await driver.map({ iova: last, length: 0x2000, access: 'read-write', buffer: 'across' });
  },

  then(seen, { subtype, start, end }) {
    const inside = seen.answers.filter(({ verb }) => verb === 'map')[1];
    if (!inside || !seen.has('iommu', 'VIRTIO_IOMMU_F_PROBE')) return;
    const map = seen.named('MAP').find(({ fields }) => {
      const { virt_start = 0n, virt_end = 0n } = fields;
      return virt_start <= end && virt_end >= start;
    });
    seen.check(
      'iommu/driver/resv-mem/no-map-in-reserved',
      map === undefined,
      map ?? inside,
      `MAP covers 0x${map?.fields.virt_start?.toString(16)} to 0x${map?.fields.virt_end?.toString(16)}; 0x${start.toString(16)} to 0x${end.toString(16)} is reported as ${subtype === 1 ? 'MSI' : 'RESERVED'}.`,
    );
  },

  mustCatch: {
    'map-in-resv-mem': 'iommu/driver/resv-mem/no-map-in-reserved',
    'map-in-msi': 'iommu/driver/resv-mem/no-map-in-reserved',
    'msi-region-ignored': 'iommu/driver/resv-mem/no-map-in-reserved',
    'resv-mem-end-exclusive': 'iommu/driver/resv-mem/no-map-in-reserved',
    'resv-mem-end-as-length': 'iommu/driver/resv-mem/no-map-in-reserved',
    'resv-mem-32-bit': 'iommu/driver/resv-mem/no-map-in-reserved',
  },
});
