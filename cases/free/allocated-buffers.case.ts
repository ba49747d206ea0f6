import { counted, defineCase, hex } from '../api/index.ts';

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
    await driver.start();
    const { iova } = await driver.alloc({ endpoint: 'dma', buffer: 'b', length, access: 'read-write' });
    const first = BigInt(String(iova));
    const access = async (label: string): Promise<void> => {
      for (const address of [first, first + BigInt(length) - 1n]) {
        await machine.dma({ endpoint: 'dma', address, length: 1, access: 'read', label });
      }
    };
    await access('live');
    await driver.free({ endpoint: 'dma', buffer: 'b' });
    await access('freed');
  },

  then(seen, length) {
    for (const access of seen.dma('live')) {
      const says = `DMA to ${hex(access.address)} faults, in a buffer of ${counted(length, 'byte')} that was mapped; it must go through.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
    for (const access of seen.dma('freed')) {
      const says = `DMA to ${hex(access.address)} still succeeds after the buffer of ${counted(length, 'byte')} was freed; a fault was expected.`;
      seen.check('platform/free/unmapped-when-freed', seen.world.withdrawn(access), access, says);
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
