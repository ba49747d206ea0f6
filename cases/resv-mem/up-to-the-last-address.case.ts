import { CONTROL_ENDPOINT, defineCase, heedsControlRegion, mapControlRegion } from '../api/index.ts';

const BELOW = 0x5000_0000n;
const LAST_ADDRESS = 0xffff_ffff_ffff_ffffn;

export default defineCase({
  id: 'resv-mem/up-to-the-last-address',
  title: 'A region that reaches the last of all addresses is a region like any other',
  demands:
    'The end of a region is inclusive. A driver that keeps the address behind it, or a length, keeps 0 for a region that ends ' +
    'with the last address or has them all, and takes it for an empty one.',
  requirements: ['iommu/driver/resv-mem/no-map-in-reserved'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'upper-part': 0x1_0000_0000n, 'every-address': 0n },

  given: (start) => ({
    endpoints: { dma: { resvMem: [{ subtype: 0, start, end: LAST_ADDRESS }] }, ...CONTROL_ENDPOINT },
  }),

  async when({ driver }, start) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await mapControlRegion(driver);
    // An endpoint that can reach nothing may be left alone.
    const attached = await driver.try.attach({ endpoint: 'dma' });
    if (!attached.ok) return;
    if (start > 0n) await driver.try.map({ iova: BELOW, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: start + 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, start) {
    if (!seen.has('iommu', 'VIRTIO_IOMMU_F_PROBE') || !heedsControlRegion(seen)) return;
    const asked = seen.answers.findLast(({ verb }) => verb === 'map' || verb === 'attach');
    const map = seen.named('MAP').find(({ fields }) => fields.virt_start === start + 0x10_0000n);
    seen.check(
      'iommu/driver/resv-mem/no-map-in-reserved',
      map === undefined,
      map ?? asked,
      `MAP covers 0x${map?.fields.virt_start?.toString(16)}; 0x${start.toString(16)} to 0x${LAST_ADDRESS.toString(16)} is reported as RESERVED.`,
    );
  },

  mustCatch: {
    'resv-mem-end-wraps': 'iommu/driver/resv-mem/no-map-in-reserved',
  },
});
