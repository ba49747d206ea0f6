import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'topology/all-node-types',
  title: 'Nodes of other kinds, and of kinds that nobody knows, do not keep the described endpoints from working',
  demands:
    'A VIOT may hold PCI ranges, single MMIO endpoints, IOMMUs on PCI and on MMIO, and nodes of types yet to come. The driver ' +
    'takes what it knows, skips the rest by its length, and follows each output node to the right IOMMU.',
  requirements: ['platform/viot/unknown-nodes-skipped'],
  needs: { verbs: ['start', 'io'] },

  given: () => ({ topology: 'all-node-types', endpoints: { rng: {}, dma: {}, rng2: {} } }),

  async when({ driver }) {
    await driver.try.start();
    await driver.try.io({ endpoint: 'rng' });
    await driver.try.io({ endpoint: 'rng2' });
  },

  then(seen) {
    const start = seen.answers.find(({ verb }) => verb === 'start');
    if (!start) return;
    seen.check(
      'platform/viot/unknown-nodes-skipped',
      start.outcome === 'ok',
      start,
      `The driver did not start: ${start.reason ?? ''}`,
    );
    for (const endpoint of ['rng', 'rng2']) {
      const exposed = seen.of('exposed').filter((address) => address.endpoint === endpoint);
      const lost = exposed.find(({ reachable }) => !reachable);
      seen.check(
        'platform/viot/unknown-nodes-skipped',
        exposed.length > 0 && lost === undefined,
        lost ?? start,
        exposed.length > 0
          ? `The driver of ${endpoint} uses 0x${lost?.address.toString(16)}, which is not mapped for it.`
          : `The driver of ${endpoint}, a described endpoint, was never started.`,
      );
    }
  },

  mustCatch: {
    'stops-at-unknown-node': 'platform/viot/unknown-nodes-skipped',
    'node-length-from-type': 'platform/viot/unknown-nodes-skipped',
    'ignores-node-offset': 'platform/viot/unknown-nodes-skipped',
  },
});
