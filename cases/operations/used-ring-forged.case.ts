import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'operations/used-ring-forged',
  title: 'A used entry that belongs to no request in flight is not taken for an answer',
  demands:
    'A hostile device may put an id on the used ring twice, or one that was never made available. The driver must survive it, and ' +
    'must not take the forged entry for the answer to the request that is still with the device.',
  requirements: ['iommu/safety/map-before-dma'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'same-id-twice': 'duplicate-used-entry', 'id-never-given': 'foreign-used-id' } as const,

  given: (forgery) => ({
    endpoints: { dma: {} },
    faults: [
      { name: forgery, request: 'ATTACH' },
      { name: 'withhold-completion', request: 'MAP' },
    ],
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    const attached = await driver.try.attach({ endpoint: 'dma' });
    if (attached.ok) await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, forgery) {
    const asked = seen.of('verb').find(({ verb }) => verb === 'map');
    const answer = seen.answers.find(({ verb }) => verb === 'map');
    const forged = seen.of('completion').find(({ fault }) => fault?.includes(forgery));
    if (!asked || !forged || answer?.outcome !== 'ok') return;
    for (const map of seen.named('MAP').filter(({ seq }) => seq > asked.seq && seq < answer.seq)) {
      // An id that is in flight again cannot be told from a true answer; which of the two came first is nobody's doing.
      if (map.headIndex === forged.headIndex && forgery === 'duplicate-used-entry') {
        seen.untested('The driver gives both requests one id: nobody could tell the forged entry from the answer.');
        continue;
      }
      const completion = seen.answerTo(map);
      seen.check(
        'iommu/safety/map-before-dma',
        completion !== undefined && completion.seq < answer.seq,
        answer,
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
