import { defineCase } from '../api/index.ts';

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
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma' });
    const { ok } = await driver.try.map({ iova: IOVA, length, access: 'read-write' });
    if (!ok) return;
    const end = IOVA + BigInt(length) - 1n;
    const probe = (address: bigint, label: string): Promise<unknown> =>
      machine.dma({ endpoint: 'dma', address, length: 1, access: 'read', label });
    await probe(IOVA - 1n, 'outside');
    await probe(IOVA, 'inside');
    await probe(end, 'inside');
    await probe(end + 1n, 'outside');
  },

  then(seen, { length }) {
    const range = `0x${IOVA.toString(16)}..0x${(IOVA + BigInt(length) - 1n).toString(16)}`;
    for (const access of [...seen.dma('inside'), ...seen.dma('outside')]) {
      const inside = access.label === 'inside';
      const reached = access.outcome !== 'fault';
      seen.check(
        'platform/map/exactly-as-asked',
        reached === inside,
        access,
        `With ${range} mapped, an access to 0x${access.address.toString(16)} ${reached ? 'went through' : 'faulted'}; it must ${inside ? 'go through' : 'fault'}.`,
      );
    }
  },

  mustCatch: {
    'map-never-sent': 'platform/map/exactly-as-asked',
    'maps-neighbour-page': 'platform/map/exactly-as-asked',
  },
});
