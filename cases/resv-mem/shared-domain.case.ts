import { defineCase, hex } from '../api/index.ts';

const PAGE = 0x1000;
/** Each endpoint's own: what one of them reserves is free for the other. */
const OF_FIRST = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn } as const;
const OF_SECOND = { subtype: 0, start: 0x5000_0000n, end: 0x5000_ffffn } as const;
const REGIONS = [OF_FIRST, OF_SECOND];

export default defineCase({
  id: 'resv-mem/shared-domain',
  title: 'Where endpoints share a domain, nothing is mapped in a region that any of them reserves',
  demands:
    'Reserved regions belong to an endpoint, mappings to a domain. In a domain of several endpoints the regions of all of them count, ' +
    'whichever came first. An endpoint whose region is mapped there already cannot come in, and its user has to hear of it.',
  requirements: ['iommu/driver/resv-mem/no-map-in-reserved', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: { 'both-before-mapping': 'map', 'region-mapped-already': 'join' } as const,

  given: () => ({ endpoints: { dma: { resvMem: [OF_FIRST] }, dma2: { resvMem: [OF_SECOND] } } }),

  async when({ driver, machine }, what) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    const inSecond = { iova: OF_SECOND.start, length: PAGE, access: 'read-write', buffer: 'b' } as const;
    if (what === 'map') {
      await driver.attach({ endpoint: 'dma2' });
      for (const { start } of REGIONS) await driver.try.map({ ...inSecond, iova: start });
      await driver.map({ ...inSecond, iova: 0x6000_0000n });
      return;
    }
    await driver.map(inSecond);
    await driver.try.attach({ endpoint: 'dma2' });
    await machine.dma({ endpoint: 'dma', address: OF_SECOND.start, access: 'read', label: 'stays' });
    // Once the mapping is gone nothing is in the way.
    await driver.unmap(inSecond);
    await driver.attach({ endpoint: 'dma2' });
    await driver.try.map(inSecond);
    await driver.map({ ...inSecond, iova: 0x6000_0000n });
    await machine.dma({ endpoint: 'dma2', address: 0x6000_0000n, access: 'read', label: 'joined' });
  },

  then(seen) {
    for (const access of [...seen.dma('stays'), ...seen.dma('joined')]) {
      const says = `${access.endpoint} is in a domain where ${hex(access.address)} is mapped, and its access there faults.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
  },

  mustCatch: {
    'first-regions-only': 'iommu/driver/resv-mem/no-map-in-reserved',
  },
  shippedIn: [
    'The kernel of deepin asked the first device of a group only for its reserved regions (deepin-community/kernel#280, 2024).',
  ],
});
