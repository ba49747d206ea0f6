import { CONTROL_ENDPOINT, defineCase, heedsControlRegion, mapControlRegion } from '../api/index.ts';

export default defineCase({
  id: 'resv-mem/unknown-subtype',
  title: 'A reserved region of unknown subtype is treated as RESERVED',
  demands:
    'A later version may define other kinds of reserved regions. A driver that does not know the kind should keep away from the ' +
    'addresses all the same.',
  requirements: ['iommu/driver/resv-mem/unknown-subtype-as-reserved'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'first-unknown': 2, middle: 0x7f, highest: 0xff },

  given: (subtype) => ({
    endpoints: { dma: { resvMem: [{ subtype, start: 0x4000_0000n, end: 0x4000_ffffn }] }, ...CONTROL_ENDPOINT },
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const beside = await driver.try.map({ iova: 0x5000_0000n, length: 0x1000, access: 'read-write' });
    if (!beside.ok) return;
    await driver.try.map({ iova: 0x4000_0000n, length: 0x1000, access: 'read-write' });
    await mapControlRegion(driver);
  },

  then(seen, subtype) {
    const inside = seen.answers.filter(({ verb }) => verb === 'map')[1];
    if (!inside || !seen.has('iommu', 'VIRTIO_IOMMU_F_PROBE') || !heedsControlRegion(seen)) return;
    const map = seen.named('MAP').find(({ fields }) => fields.virt_start === 0x4000_0000n);
    seen.check(
      'iommu/driver/resv-mem/unknown-subtype-as-reserved',
      map === undefined,
      map ?? inside,
      `MAP covers 0x40000000; PROBE reported 0x40000000 to 0x4000ffff with subtype ${subtype}, to be treated as RESERVED.`,
    );
  },

  mustCatch: {
    'ignores-unknown-subtype': 'iommu/driver/resv-mem/unknown-subtype-as-reserved',
  },
});
