import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'operations/used-ring-forged',
  title: 'A used entry for no request in flight completes none',
  demands:
    'A hostile device may put an id on the used ring twice, or one that was never made available. The driver must survive it, and ' +
    'must not take the forged entry for the answer to the request that is still with the device.',
  requirements: ['iommu/safety/map-before-dma'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'same-id-twice': 'duplicate-used-entry', 'id-never-given': 'foreign-used-id' } as const,

  // A driver may give the queue up: by then it has started, and was asked for something.
  given: (forgery) => ({
    endpoints: { dma: {} },
    faults: [
      { name: forgery, request: 'ATTACH', during: 'attach' },
      { name: 'withhold-completion', request: 'MAP', during: 'map' },
    ],
  }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, forgery) {
    const [call] = seen.calls('map');
    const forged = seen.of('completion').find(({ fault }) => fault?.includes(forgery));
    if (!call?.ok || !forged) return;
    for (const map of call.requests('MAP')) {
      if (map.headIndex === forged.headIndex && forgery === 'duplicate-used-entry') {
        seen.untested(
          'Both requests use the same descriptor id, so a forged used entry is indistinguishable from the real one.',
        );
        continue;
      }
      const completion = seen.answerTo(map);
      seen.check(
        'iommu/safety/map-before-dma',
        completion !== undefined && completion.seq < call.answer.seq,
        call.answer,
        `'map' was answered with ok while its MAP was still with the device; a forged used entry (${forgery}) lay before it.`,
      );
    }
  },

  mustCatch: {
    'looks-at-status-early': 'iommu/safety/map-before-dma',
    'trusts-used-order': 'iommu/safety/map-before-dma',
    'accepts-foreign-used-id': 'iommu/safety/map-before-dma',
    'accepts-duplicate-used-entry': 'iommu/safety/map-before-dma',
  },
});
