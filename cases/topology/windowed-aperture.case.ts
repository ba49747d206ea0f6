import { defineCase } from '../api/index.ts';

const WINDOW_LENGTH = 0x1000_0000n;

/** Leaves 16 KiB at the start and 60 at the end. */
const HOLE = { subtype: 0, start: 0x40_0000_4000n, end: 0x40_0fff_0fffn };

export default defineCase({
  id: 'topology/windowed-aperture',
  title: 'All that a driver maps by itself lies in an aperture of 256 MiB, wherever that is',
  demands:
    'Some platforms translate nothing but one window of addresses. Drivers that begin their allocations at 0, or at the end of 32 or ' +
    '48 bits, have to move into the window, and find room there even if most of it is reserved.',
  requirements: ['iommu/driver/ops/respect-input-range', 'platform/map/reachable-when-exposed'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    // Elsewhere below 4 GiB a driver may have reason to stay away: PCI's own windows are there.
    lowest: { start: 0n, resvMem: [] },
    'above-4-gib': { start: 0x40_0000_0000n, resvMem: [] },
    'mostly-reserved': { start: 0x40_0000_0000n, resvMem: [HOLE] },
  },

  given: ({ start, resvMem }) => ({
    config: { input_range: { start, end: start + WINDOW_LENGTH - 1n } },
    endpoints: { rng: { resvMem }, rng2: { resvMem } },
  }),

  async when({ driver }) {
    await driver.start();
    for (const endpoint of ['rng', 'rng2', 'rng'] as const) await driver.io({ endpoint, length: 256 });
  },

  mustCatch: {
    'ignores-input-range': 'iommu/driver/ops/respect-input-range',
    'rng-physical-addresses': 'platform/map/reachable-when-exposed',
  },
});
