import { defineCase } from '../api/index.ts';

/** The first ATTACH is the driver's own, for the endpoint as it starts; those that follow the command are refused. */
const LATER = Array.from({ length: 30 }, (_, index) => index + 2);

export default defineCase({
  id: 'operations/attach-refused',
  title: 'A refused ATTACH is reported, and the domain is not used as if it stood',
  demands:
    'The device may refuse an ATTACH with any status, one from a later version among them. The driver should tell whoever asked ' +
    'for it; going on would let the endpoint run in a domain that does not exist.',
  requirements: ['iommu/safety/failed-map-reported', 'iommu/prose/domain-created-by-attach'],
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
    faults:
      status === 0 ? [] : LATER.map((nth) => ({ name: 'status-of-request', request: 'ATTACH', nth, status }) as const),
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    const attached = await driver.try.attach({ endpoint: 'dma' });
    if (attached.ok) await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, status) {
    const asked = seen.of('verb').find(({ verb }) => verb === 'attach');
    const answer = seen.answers.find(({ verb }) => verb === 'attach');
    if (!asked || !answer) return;
    // Some drivers attach the endpoint to a domain of their own first; the last ATTACH is the one that was asked for.
    const last = seen.named('ATTACH').findLast(({ seq }) => seq > asked.seq && seq < answer.seq);
    if (!last || seen.answerTo(last)?.status !== status) return;
    const ok = answer.outcome === 'ok';
    if (status === 0 && !ok) return;
    seen.check(
      'iommu/safety/failed-map-reported',
      ok === (status === 0),
      answer,
      `The last ATTACH was answered with status ${status}, and the driver says that the endpoint is attached.`,
    );
    for (const map of seen.named('MAP').filter(({ seq }) => seq > answer.seq)) {
      const { domain } = map.fields;
      const stands = seen
        .named('ATTACH')
        .some((attach) => attach.fields.domain === domain && seen.answerTo(attach)?.status === 0);
      seen.check(
        'iommu/prose/domain-created-by-attach',
        stands,
        map,
        `MAP names domain ${domain}; every ATTACH to it was refused with status ${status}.`,
      );
    }
  },

  mustCatch: {
    'failed-attach-accepted': 'iommu/safety/failed-map-reported',
    'unknown-status-accepted': 'iommu/safety/failed-map-reported',
  },
});
