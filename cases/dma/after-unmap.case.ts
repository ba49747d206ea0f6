import { accessText, defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'dma/after-unmap',
  title: 'After an unmap has been confirmed, no byte of the range can be reached',
  demands:
    'When the driver has confirmed an unmap, its caller may give the memory to somebody else at once. The first and the last ' +
    'byte, and every page between them, have to fault; a neighbouring mapping stays.',
  requirements: ['platform/free/unmapped-when-freed', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'one-page': { length: 0x1000 },
    'two-pages': { length: 0x2000 },
    'nine-pages': { length: 0x9000 },
  },

  given: () => ({}),

  async when({ driver, machine }, { length }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    const neighbour = IOVA + BigInt(length);
    await driver.map({ iova: IOVA, length, access: 'read-write', buffer: 'b' });
    await driver.map({ iova: neighbour, length: 0x1000, access: 'read-write', buffer: 'n' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped' });
    await driver.unmap({ iova: IOVA, length });
    for (const address of [IOVA, IOVA + BigInt(length) - 1n, IOVA + BigInt(length >> 1)]) {
      await machine.dma({ endpoint: 'dma', address, length: 1, access: 'read', label: 'stale' });
      await machine.dma({ endpoint: 'dma', address, length: 1, access: 'write', label: 'stale' });
    }
    await machine.dma({ endpoint: 'dma', address: neighbour, length: 1, access: 'read', label: 'neighbour' });
  },

  then(seen) {
    for (const access of [...seen.dma('mapped'), ...seen.dma('neighbour')]) {
      seen.check(
        'platform/map/exactly-as-asked',
        seen.world.reached(access),
        access,
        access.label === 'mapped'
          ? 'The range was mapped, and an access faults.'
          : 'The mapping beside the one that was unmapped is gone as well.',
      );
    }
    for (const access of seen.dma('stale')) {
      seen.check(
        'platform/free/unmapped-when-freed',
        seen.world.withdrawn(access),
        access,
        `A ${accessText(access)} still succeeds after the driver confirmed the unmap; a fault was expected.`,
      );
    }
  },

  mustCatch: {
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
    'unmap-first-granule-only': 'platform/free/unmapped-when-freed',
    'unmap-lazily': 'platform/free/unmapped-when-freed',
    'unmap-whole-space': 'platform/map/exactly-as-asked',
    'kick-forgotten-for-unmap': 'platform/free/unmapped-when-freed',
  },
});
