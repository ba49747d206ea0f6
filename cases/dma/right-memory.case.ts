import { defineCase } from '../api/index.ts';

const IOVA = 0x12_3000n;
const LENGTH = 0x3000;

export default defineCase({
  id: 'dma/right-memory',
  title: 'What the processor stores in a mapped buffer is what the endpoint reads there, and the other way round',
  demands:
    'Every page of a mapping has to lead to the page of the buffer at the same place. A phys_start that is off by a page, cut to ' +
    '32 bits, or taken from a virtual address reads and overwrites memory that belongs to somebody else.',
  requirements: ['platform/map/right-memory'],
  needs: { verbs: ['start', 'attach', 'map', 'poke', 'peek'] },

  given: () => ({}),

  async when({ driver, machine }) {
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma' });
    const { ok } = await driver.try.map({ iova: IOVA, length: LENGTH, access: 'read-write', buffer: 'b' });
    if (!ok) return;
    for (const page of [0, 1, 2]) {
      const offset = page * 0x1000 + 0x10;
      const poked = await driver.try.poke({ buffer: 'b', offset, bytes: `c0ffee0${page}` });
      if (!poked.ok) return;
      const address = IOVA + BigInt(offset);
      await machine.dma({ endpoint: 'dma', address, length: 4, access: 'read', label: `read ${page}` });
    }
    const address = IOVA + 0x2ff0n;
    await machine.dma({ endpoint: 'dma', address, length: 4, access: 'write', bytes: '5eed1234', label: 'write' });
    await driver.try.peek({ buffer: 'b', offset: 0x2ff0, length: 4 });
  },

  then(seen) {
    for (const page of [0, 1, 2]) {
      const read = seen.dma(`read ${page}`)[0];
      if (!read) continue;
      const says = `At offset 0x${page}010 of the buffer the processor stored c0ffee0${page}; the endpoint read ${read.outcome === 'ok' ? read.bytes : read.outcome}.`;
      seen.check('platform/map/right-memory', read.bytes === `c0ffee0${page}`, read, says);
    }
    const peeked = seen.answers.find(({ verb, outcome }) => verb === 'peek' && outcome === 'ok');
    if (!peeked || !seen.dma('write')[0]) return;
    const bytes = String(peeked.values['bytes']);
    seen.check(
      'platform/map/right-memory',
      bytes === '5eed1234',
      seen.dma('write')[0],
      `The endpoint wrote 5eed1234 into the buffer; the processor reads ${bytes} there.`,
    );
  },

  mustCatch: {
    'map-phys-next-page': 'platform/map/right-memory',
    'map-phys-32-bit-truncation': 'platform/map/right-memory',
    'map-virtual-address': 'platform/map/right-memory',
    'peek-cached': 'platform/map/right-memory',
  },
});
