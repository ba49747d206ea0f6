import { defineCase, hex } from '../api/index.ts';

const FIRST = 0x10_0000n;
const LENGTH = 0x1000;

export default defineCase({
  id: 'dma/across-mappings',
  title: 'One access may run across two mappings that adjoin, and may not run into a gap',
  demands:
    'Two maps that touch give the endpoint one range: an access across the seam succeeds. Where the second mapping starts ' +
    'one page further on, the same access faults.',
  requirements: ['platform/map/exactly-as-asked', 'platform/map/right-memory'],
  needs: { verbs: ['start', 'attach', 'map', 'poke'] },

  vary: { adjoining: 0n, 'with-a-gap': 0x1000n },

  given: () => ({}),

  async when({ driver, machine }, gap) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    const second = FIRST + BigInt(LENGTH) + gap;
    await driver.map({ iova: FIRST, length: LENGTH, access: 'read-write', buffer: 'first' });
    await driver.map({ iova: second, length: LENGTH, access: 'read-write', buffer: 'second' });
    await driver.poke({ buffer: 'first', offset: LENGTH - 2, bytes: 'a1b2' });
    await driver.poke({ buffer: 'second', offset: 0, bytes: 'c3d4' });
    for (const address of [FIRST, second]) {
      await machine.dma({ endpoint: 'dma', address, access: 'read', label: 'mapped' });
    }
    await machine.dma({ endpoint: 'dma', address: second - 2n, length: 4, access: 'read', label: 'across' });
  },

  then(seen, gap) {
    for (const access of seen.dma('mapped')) {
      const says = `DMA to ${hex(access.address)}, which is mapped, faults; it must go through.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
    for (const access of seen.dma('across')) {
      if (gap > 0n) {
        const says = 'DMA across an unmapped page goes through; a fault was expected.';
        seen.check('platform/map/exactly-as-asked', seen.world.blocked(access), access, says);
        continue;
      }
      const says = 'DMA across the seam of two mappings faults; it must go through.';
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
      seen.check(
        'platform/map/right-memory',
        seen.world.reached(access) === true ? access.bytes === 'a1b2c3d4' : undefined,
        access,
        `DMA across the seam reads ${access.bytes}; the buffers hold a1b2 and c3d4.`,
      );
    }
  },

  mustCatch: {
    'maps-neighbour-page': 'platform/map/exactly-as-asked',
    'map-phys-next-page': 'platform/map/right-memory',
  },
});
