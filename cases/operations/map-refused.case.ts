import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'operations/map-refused',
  title: 'A refused MAP is reported to whoever asked for the mapping',
  demands:
    'When the device refuses a MAP there is no mapping. A driver that says otherwise makes an endpoint use an address that faults, ' +
    'far away from the cause.',
  requirements: ['iommu/safety/failed-map-reported'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    IOERR: 1,
    UNSUPP: 2,
    DEVERR: 3,
    INVAL: 4,
    RANGE: 5,
    NOENT: 6,
    FAULT: 7,
    NOMEM: 8,
    unknown: 0x42,
    accepted: 0,
  },

  given: (status) => ({
    endpoints: { dma: {} },
    faults: status === 0 ? [] : [{ name: 'status-of-request', request: 'MAP', status }],
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, status) {
    const asked = seen.of('verb').find(({ verb }) => verb === 'map');
    const answer = seen.answers.find(({ verb }) => verb === 'map');
    if (!asked || !answer) return;
    const sent = seen.named('MAP').filter(({ seq }) => seq > asked.seq && seq < answer.seq);
    const ended = sent.map((map) => seen.answerTo(map)?.status);
    if (ended.length === 0 || ended.some((given) => given !== status)) return;
    const ok = answer.outcome === 'ok';
    if (status === 0 && !ok) return;
    seen.check(
      'iommu/safety/failed-map-reported',
      ok === (status === 0),
      answer,
      `MAP was answered with status ${status}, and the driver says that the range is mapped.`,
    );
  },

  mustCatch: {
    'always-ok-after-failed-map': 'iommu/safety/failed-map-reported',
    'unknown-status-accepted': 'iommu/safety/failed-map-reported',
  },
});
