import { CONTROL_ENDPOINT, defineCase, endpointId, heedsControlRegion, mapControlRegion } from '../api/index.ts';

const REGION = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };

export default defineCase({
  id: 'resv-mem/reserved-bytes',
  title: 'The reserved bytes of a RESV_MEM property carry no meaning',
  demands:
    'The driver must ignore the three bytes behind the subtype. A driver that drops the property because of them maps into a ' +
    'region that it was warned of.',
  requirements: ['iommu/driver/resv-mem/ignore-reserved'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'bytes-set': ['probe-resv-reserved-nonzero'], 'bytes-zero': [] } as const,

  given: (faults) => ({
    endpoints: { dma: { resvMem: [REGION] }, ...CONTROL_ENDPOINT },
    faults: faults.map((name) => ({ name, endpoint: endpointId('dma') })),
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const beside = await driver.try.map({ iova: 0x5000_0000n, length: 0x1000, access: 'read-write' });
    if (!beside.ok) return;
    await driver.try.map({ iova: REGION.start, length: 0x1000, access: 'read-write' });
    await mapControlRegion(driver);
  },

  then(seen, faults) {
    const inside = seen.answers.filter(({ verb }) => verb === 'map')[1];
    if (!inside || !seen.has('iommu', 'VIRTIO_IOMMU_F_PROBE') || !heedsControlRegion(seen)) return;
    const map = seen.named('MAP').find(({ fields }) => fields.virt_start === REGION.start);
    seen.check(
      'iommu/driver/resv-mem/ignore-reserved',
      map === undefined,
      map ?? inside,
      `MAP covers 0x${REGION.start.toString(16)}, which a RESV_MEM property with ${faults.length > 0 ? 'non-zero' : 'zero'} reserved bytes named.`,
    );
  },

  mustCatch: {
    'resv-mem-reserved-checked': 'iommu/driver/resv-mem/ignore-reserved',
    'resv-mem-subtype-32-bit': 'iommu/driver/resv-mem/ignore-reserved',
  },
});
