import { defineCase, hex, mapInto } from '../api/index.ts';

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

  vary: {
    'upper-part': { subtype: 0, start: 0x1_0000_0000n, end: LAST_ADDRESS },
    'every-address': { subtype: 0, start: 0n, end: LAST_ADDRESS },
    'not-quite': { subtype: 0, start: 0x1_0000_0000n, end: 0x7f_ffff_ffffn },
  },
  control: 'not-quite',

  given: (region) => ({ endpoints: { dma: { resvMem: [region] } } }),

  async when({ driver }, { start }) {
    await driver.start();
    // An endpoint that can reach nothing may be left alone.
    await (start === 0n ? driver.try : driver).attach({ endpoint: 'dma' });
    if (start > 0n) await driver.map({ iova: BELOW, length: 0x1000, access: 'read-write' });
    await driver.try.map({ iova: start + 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, region) {
    const asked = seen.calls('map').find(({ args }) => args['iova'] !== hex(BELOW));
    const map = mapInto(seen, region);
    // The control is for who keeps out; who does not is judged by every MAP.
    if (!asked || (map && region.end !== LAST_ADDRESS)) return;
    seen.check(
      'iommu/driver/resv-mem/no-map-in-reserved',
      map === undefined,
      map ?? asked.answer,
      `MAP covers ${hex(map?.fields.virt_start ?? 0n)}; ${hex(region.start)} to ${hex(region.end)} is reported as RESERVED.`,
    );
  },

  mustCatch: {
    'resv-mem-end-wraps': 'iommu/driver/resv-mem/no-map-in-reserved',
  },
});
