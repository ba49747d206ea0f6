import { accessText, counted, defineCase, judgeStale } from '../api/index.ts';

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
    const beside = await driver.map({ iova: neighbour, length: 0x1000, access: 'read-write', buffer: 'n' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'control' });
    const { ok } = await driver.unmap({ iova: IOVA, length });
    if (!ok) return;
    for (const address of [IOVA, IOVA + BigInt(length) - 1n, IOVA + BigInt(length >> 1)]) {
      await machine.dma({ endpoint: 'dma', address, length: 1, access: 'read', label: 'stale' });
      await machine.dma({ endpoint: 'dma', address, length: 1, access: 'write', label: 'stale' });
    }
    if (!beside.ok) return;
    await machine.dma({ endpoint: 'dma', address: neighbour, length: 1, access: 'read', label: 'neighbour' });
  },

  then(seen) {
    if (seen.dma('control')[0]?.outcome !== 'ok') {
      seen.untested('The mapping could not be reached before it was unmapped.');
      return;
    }
    for (const access of seen.dma('neighbour')) {
      seen.check(
        'platform/map/exactly-as-asked',
        access.outcome !== 'fault',
        access,
        'The mapping beside the one that was unmapped is gone as well.',
      );
    }
    if (seen.driver.lazyUnmap) {
      const reached = seen.dma('stale').filter(({ outcome }) => outcome === 'ok').length;
      seen.untested(
        `The driver unmaps lazily on purpose: ${counted(reached, 'access', 'accesses')} still went through.`,
      );
      return;
    }
    judgeStale(
      seen,
      'platform/free/unmapped-when-freed',
      seen.dma('stale'),
      (access) => `A ${accessText(access)} went through after the unmap had been confirmed; it must fault.`,
    );
  },

  mustCatch: {
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
    'unmap-first-granule-only': 'platform/free/unmapped-when-freed',
    'unmap-lazily': 'platform/free/unmapped-when-freed',
    'unmap-whole-space': 'platform/map/exactly-as-asked',
    'kick-forgotten-for-unmap': 'platform/free/unmapped-when-freed',
  },
});
