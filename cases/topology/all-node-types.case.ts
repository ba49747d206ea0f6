import { defineCase, judgeExposures } from '../api/index.ts';

export default defineCase({
  id: 'topology/all-node-types',
  title: 'Nodes of other and of undefined types do not keep the described endpoints from working',
  demands:
    'A VIOT may hold PCI ranges, single MMIO endpoints, IOMMUs on PCI and on MMIO, and nodes of types yet to come. The driver ' +
    'takes what it knows, skips the rest by its length, and follows each output node to the right IOMMU.',
  requirements: ['platform/viot/unknown-nodes-skipped', 'platform/map/reachable-when-exposed'],
  needs: { verbs: ['start', 'io'] },

  vary: { '': 'all-node-types', control: 'plain' } as const,
  control: 'control',

  given: (topology) => ({ topology, endpoints: { rng: {}, dma: {}, rng2: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
    await driver.io({ endpoint: 'rng2' });
  },

  then(seen, topology) {
    if (topology === 'plain') {
      judgeExposures(seen, ['platform/map/reachable-when-exposed']);
      return;
    }
    for (const { verb, ok, args, answer } of seen.calls()) {
      if (verb !== 'start' && verb !== 'io') continue;
      const says = `The driver refuses '${verb}'${verb === 'io' ? ` of ${args['endpoint']}` : ''}: ${answer.reason ?? 'no reason given'}.`;
      seen.check('platform/viot/unknown-nodes-skipped', ok, answer, says);
    }
    judgeExposures(seen, ['platform/viot/unknown-nodes-skipped']);
  },

  mustCatch: {
    'stops-at-unknown-node': 'platform/viot/unknown-nodes-skipped',
    'node-length-from-type': 'platform/viot/unknown-nodes-skipped',
    'ignores-node-offset': 'platform/viot/unknown-nodes-skipped',
  },
});
