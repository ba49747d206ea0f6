import { defineCase } from '../api/index.ts';

const IOVA = 0x12_3000n;
const LENGTH = 0x3000;

export default defineCase({
  id: 'dma/right-memory',
  title: 'CPU writes to a mapped buffer are visible to the endpoint, and vice versa',
  demands:
    'Every page of a mapping has to lead to the page of the buffer at the same place. A phys_start that is off by a page, cut to ' +
    '32 bits, or taken from a virtual address reads and overwrites memory that belongs to somebody else.',
  requirements: ['platform/map/right-memory'],
  needs: { verbs: ['start', 'attach', 'map', 'poke', 'peek'] },

  given: () => ({}),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: LENGTH, access: 'read-write', buffer: 'b' });
    for (const page of [0, 1, 2]) {
      const offset = page * 0x1000 + 0x10;
      await driver.poke({ buffer: 'b', offset, bytes: `c0ffee0${page}` });
      const address = IOVA + BigInt(offset);
      await machine.dma({ endpoint: 'dma', address, length: 4, access: 'read', label: `read ${page}` });
    }
    const address = IOVA + 0x2ff0n;
    await machine.dma({ endpoint: 'dma', address, length: 4, access: 'write', bytes: '5eed1234', label: 'write' });
    await driver.peek({ buffer: 'b', offset: 0x2ff0, length: 4 });
  },

  then(seen) {
    for (const page of [0, 1, 2]) {
      for (const read of seen.dma(`read ${page}`)) {
        const isRight = seen.world.reached(read) && read.bytes === `c0ffee0${page}`;
        const says = `At offset 0x${page}010 of the buffer the processor stored c0ffee0${page}; DMA reads ${read.outcome === 'ok' ? read.bytes : read.outcome}.`;
        seen.check('platform/map/right-memory', isRight, read, says);
      }
    }
    const [write] = seen.dma('write');
    for (const { values } of write ? seen.calls('peek').filter(({ ok }) => ok) : []) {
      const isRight = seen.world.reached(write!) && values['bytes'] === '5eed1234';
      const says = `DMA wrote 5eed1234 into the buffer; the processor reads ${String(values['bytes'])} there.`;
      seen.check('platform/map/right-memory', isRight, write, says);
    }
  },

  mustCatch: {
    'map-phys-next-page': 'platform/map/right-memory',
    'map-phys-32-bit-truncation': 'platform/map/right-memory',
    'map-virtual-address': 'platform/map/right-memory',
    'peek-cached': 'platform/map/right-memory',
  },
});
