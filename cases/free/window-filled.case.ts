import { defineCase, type Driver } from '../api/index.ts';

/** 1 MiB, of which rings and buffers of endpoints' drivers take a little. */
const WINDOW = { start: 0x1000_0000n, end: 0x100f_ffffn };
/** More than the window holds of any length below. */
const MOST = 40;

export default defineCase({
  id: 'free/window-filled',
  title: 'A driver whose addresses are used up refuses, and goes on when some have been freed',
  demands:
    'input_range can be small. When no address is left in it, allocation has to fail, and what was allocated before has to stay as it ' +
    'is. What is freed can be used again: a driver that never goes back to an address stands still after some hours.',
  requirements: [
    'platform/free/usable-again',
    'iommu/driver/ops/respect-input-range',
    'platform/map/exactly-as-asked',
    'platform/free/unmapped-when-freed',
  ],
  needs: { verbs: ['start', 'alloc', 'free'] },

  vary: { '64-kib': 0x1_0000, '128-kib': 0x2_0000, 'odd-lengths': 0xf801 },

  given: () => ({ config: { input_range: WINDOW }, endpoints: { dma: {} } }),

  async when({ driver, machine }, length) {
    await driver.start();
    for (let round = 0; round < 3; round++) {
      const places = await fill(driver, length);
      for (const address of places) await machine.dma({ endpoint: 'dma', address, access: 'read', label: 'filled' });
      for (const index of places.keys()) await driver.free({ endpoint: 'dma', buffer: `b${index}` });
      for (const address of places) await machine.dma({ endpoint: 'dma', address, access: 'read', label: 'freed' });
    }
  },

  mustCatch: {
    'addresses-used-once': 'platform/free/usable-again',
    'ignores-input-range': 'iommu/driver/ops/respect-input-range',
    'free-keeps-last-page': 'platform/free/unmapped-when-freed',
  },
});

/** Allocates until it is refused. Where the buffers are. */
async function fill(driver: Driver, length: number): Promise<bigint[]> {
  const places: bigint[] = [];
  while (places.length < MOST) {
    const buffer = `b${places.length}`;
    const { ok, values } = await driver.try.alloc({ endpoint: 'dma', buffer, length, access: 'read-write' });
    if (!ok) return places;
    places.push(BigInt(String(values['iova'])));
  }
  return places;
}
