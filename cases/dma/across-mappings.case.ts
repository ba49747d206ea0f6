import { defineCase } from '../api/index.ts';

const FIRST = 0x10_0000n;
const LENGTH = 0x1000;

export default defineCase({
  id: 'dma/across-mappings',
  title: 'One access may run across two mappings that adjoin, and may not run into a gap',
  demands:
    'Two maps that touch give the endpoint one range: an access across the seam goes through. Where the second mapping starts ' +
    'one page further on, the same access faults.',
  requirements: ['platform/map/exactly-as-asked', 'platform/map/right-memory'],
  needs: { verbs: ['start', 'attach', 'map', 'poke'] },

  vary: { adjoining: 0n, 'with-a-gap': 0x1000n },

  given: () => ({}),

  async when({ driver, machine }, gap) {
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma' });
    const second = FIRST + BigInt(LENGTH) + gap;
    const steps = [
      await driver.try.map({ iova: FIRST, length: LENGTH, access: 'read-write', buffer: 'first' }),
      await driver.try.map({ iova: second, length: LENGTH, access: 'read-write', buffer: 'second' }),
      await driver.try.poke({ buffer: 'first', offset: LENGTH - 2, bytes: 'a1b2' }),
      await driver.try.poke({ buffer: 'second', offset: 0, bytes: 'c3d4' }),
    ];
    if (!steps.every(({ ok }) => ok)) return;
    await machine.dma({ endpoint: 'dma', address: second - 2n, length: 4, access: 'read', label: 'across' });
  },

  then(seen, gap) {
    const access = seen.dma('across')[0];
    if (!access) return;
    const adjoining = gap === 0n;
    const mapped = seen.named('MAP').filter((map) => seen.answerTo(map)?.status === 0);
    if (!adjoining && mapped.length < 2) return;
    const reached = access.outcome !== 'fault';
    seen.check(
      'platform/map/exactly-as-asked',
      reached === adjoining,
      access,
      `An access across ${adjoining ? 'the seam of two mappings' : 'an unmapped page'} ${reached ? 'went through' : 'faulted'}.`,
    );
    if (adjoining && reached) {
      seen.check(
        'platform/map/right-memory',
        access.bytes === 'a1b2c3d4',
        access,
        `The endpoint read ${access.bytes} across the seam; the buffers hold a1b2 and c3d4.`,
      );
    }
  },

  mustCatch: {
    'maps-neighbour-page': 'platform/map/exactly-as-asked',
    'map-phys-next-page': 'platform/map/right-memory',
  },
});
