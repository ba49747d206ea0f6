import { counted, defineCase } from '../api/index.ts';

export default defineCase({
  id: 'free/allocated-buffers',
  title: 'A buffer that was mapped through the DMA interface cannot be reached once it has been freed',
  demands:
    'free means unmapped: when the driver has confirmed it, the first byte, the last byte and the last page of the buffer ' +
    'fault, whatever its length was.',
  requirements: ['platform/free/unmapped-when-freed', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'alloc', 'free'] },

  vary: { 'one-byte': 1, 'one-page': 0x1000, 'one-byte-more': 0x1001, 'five-pages': 0x5000 },

  given: () => ({}),

  async when({ driver, machine }, length) {
    await driver.try.start();
    const { ok, values } = await driver.try.alloc({ endpoint: 'dma', buffer: 'b', length, access: 'read-write' });
    if (!ok) return;
    const iova = BigInt(String(values['iova']));
    const end = iova + BigInt(length) - 1n;
    const probe = (address: bigint, label: string): Promise<unknown> =>
      machine.dma({ endpoint: 'dma', address, length: 1, access: 'read', label });
    await probe(iova, 'live');
    await probe(end, 'live');
    const freed = await driver.try.free({ endpoint: 'dma', buffer: 'b' });
    if (!freed.ok) return;
    await probe(iova, 'freed');
    await probe(end, 'freed');
  },

  then(seen, length) {
    for (const access of seen.dma('live')) {
      seen.check(
        'platform/map/exactly-as-asked',
        access.outcome === 'ok',
        access,
        `The endpoint cannot reach 0x${access.address.toString(16)} in a buffer of ${counted(length, 'byte')} mapped for it.`,
      );
    }
    if (seen.driver.lazyUnmap || seen.driver.passthrough) return;
    for (const access of seen.dma('freed')) {
      seen.check(
        'platform/free/unmapped-when-freed',
        access.outcome === 'fault',
        access,
        `The endpoint still reaches 0x${access.address.toString(16)} after the buffer of ${counted(length, 'byte')} was freed.`,
      );
    }
  },

  mustCatch: {
    'free-keeps-last-page': 'platform/free/unmapped-when-freed',
    'frees-without-unmap': 'platform/free/unmapped-when-freed',
    'alloc-one-granule-short': 'platform/map/exactly-as-asked',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
    'iova-reused-before-unmap': 'platform/free/unmapped-when-freed',
  },
});
