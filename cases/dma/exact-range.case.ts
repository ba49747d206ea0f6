import { defineCase, hex } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'dma/exact-range',
  title: 'A mapping covers its first and its last byte, and not the bytes beside them',
  demands:
    'After a map of whole granules the endpoint reaches every byte of the range and none beside it. One granule too few ' +
    'loses data, one too many exposes a neighbour.',
  requirements: ['platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    'one-page': { length: 0x1000 },
    'two-pages': { length: 0x2000 },
    'sixteen-pages': { length: 0x10000 },
  },

  given: () => ({}),

  async when({ driver, machine }, { length }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length, access: 'read-write' });
    const end = IOVA + BigInt(length);
    for (const [label, address] of [
      ['outside', IOVA - 1n],
      ['inside', IOVA],
      ['inside', end - 1n],
      ['outside', end],
    ] as const) {
      await machine.dma({ endpoint: 'dma', address, length: 1, access: 'read', label });
    }
  },

  then(seen, { length }) {
    const mapped = `With ${hex(IOVA)} to ${hex(IOVA + BigInt(length) - 1n)} mapped, DMA to`;
    for (const access of seen.dma('inside')) {
      const says = `${mapped} ${hex(access.address)} faults; it must go through.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
    for (const access of seen.dma('outside')) {
      const says = `${mapped} ${hex(access.address)} goes through; a fault was expected.`;
      seen.check('platform/map/exactly-as-asked', seen.world.blocked(access), access, says);
    }
  },

  mustCatch: {
    'map-never-sent': 'platform/map/exactly-as-asked',
    'maps-neighbour-page': 'platform/map/exactly-as-asked',
  },
});
