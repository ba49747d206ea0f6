import { defineCase, describedPlace, judgeAttached } from '../api/index.ts';

const SLOT_NAMES = ['rng', 'dma', 'rng2', 'dma2', 'platform'] as const;

export default defineCase({
  id: 'topology/several-iommus',
  title: 'Each endpoint is attached at the IOMMU to which the platform description points for it',
  demands:
    'A machine can have several IOMMUs, each with endpoints of its own. Endpoint IDs begin anew at each of them, so that here one ' +
    'ID stands for as many endpoints as there are IOMMUs: a request to the wrong IOMMU moves somebody else.',
  requirements: [
    'platform/viot/output-node-followed',
    'platform/device-tree/phandle-followed',
    'platform/map/reachable-when-exposed',
  ],
  needs: { verbs: ['start', 'attach', 'io'] },

  vary: {
    two: 'two-iommus',
    'one-in-a-window': 'three-iommus',
    'device-tree': 'device-tree-iommus',
  } as const,

  given: (topology) => ({
    topology,
    endpoints: Object.fromEntries(
      SLOT_NAMES.filter((slot) => describedPlace(slot, topology)).map((slot) => [slot, {}]),
    ),
  }),

  async when({ driver }, topology) {
    await driver.start();
    await driver.try.attach({ endpoint: 'dma', domain: 'd1' });
    await driver.try.attach({ endpoint: 'dma2', domain: 'd2' });
    if (describedPlace('platform', topology)) await driver.try.attach({ endpoint: 'platform', domain: 'd3' });
    await driver.io({ endpoint: 'rng' });
    await driver.io({ endpoint: 'rng2' });
  },

  then(seen) {
    judgeAttached(seen, ['platform/viot/output-node-followed', 'platform/device-tree/phandle-followed'], SLOT_NAMES);
  },

  mustCatch: {
    'first-iommu-for-all': 'platform/viot/output-node-followed',
    'first-iommu-only': 'platform/device-tree/phandle-followed',
    'ignores-node-offset': 'platform/viot/output-node-followed',
    'same-id-taken-for-same-endpoint': 'platform/device-tree/phandle-followed',
  },
});
