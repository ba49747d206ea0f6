import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'order/probe-attach-map',
  title: 'The first requests for an endpoint are PROBE, then ATTACH, then MAP, each answered before the next',
  demands:
    'PROBE tells what an endpoint must not be given, so it should come before the endpoint is attached. ATTACH makes the domain, ' +
    'so no MAP of that domain can come before it.',
  requirements: [
    'iommu/driver/init/probe-before-attach',
    'iommu/prose/domain-created-by-attach',
    'iommu/safety/request-order',
  ],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'in-time': [], 'attach-answered-late': [{ name: 'withhold-completion', request: 'ATTACH' }] } as const,
  control: 'in-time',

  given: (faults) => ({ endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    for (const map of seen.named('MAP')) {
      const attach = seen
        .named('ATTACH')
        .find(({ fields, seq }) => fields.domain === map.fields.domain && seq < map.seq);
      const answer = attach && seen.answerTo(attach);
      seen.check(
        'iommu/safety/request-order',
        attach && answer !== undefined && answer.seq < map.seq,
        map,
        `MAP of domain ${map.fields.domain} was sent before the device had answered its ATTACH.`,
      );
    }
  },

  mustCatch: {
    'probe-skipped': 'iommu/driver/init/probe-before-attach',
    'probe-after-attach': 'iommu/driver/init/probe-before-attach',
    'map-before-attach': 'iommu/prose/domain-created-by-attach',
    'looks-at-status-early': 'iommu/safety/request-order',
  },
});
