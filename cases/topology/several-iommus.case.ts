import { defineCase, describedPlace } from '../api/index.ts';

const SLOT_NAMES = ['rng', 'dma', 'rng2', 'dma2', 'platform'] as const;

const hex = (value: number): string => `0x${value.toString(16)}`;

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
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.io({ endpoint: 'rng' });
    await driver.try.io({ endpoint: 'rng2' });
    await driver.try.attach({ endpoint: 'dma', domain: 'd1' });
    await driver.try.attach({ endpoint: 'dma2', domain: 'd2' });
    if (describedPlace('platform', topology)) await driver.try.attach({ endpoint: 'platform', domain: 'd3' });
  },

  then(seen, topology) {
    const byTree = seen.driver.description === 'device-tree';
    const requirement = byTree ? 'platform/device-tree/phandle-followed' : 'platform/viot/output-node-followed';
    const start = seen.answers.find(({ verb }) => verb === 'start');
    if (start?.outcome !== 'ok') return;
    for (const slot of SLOT_NAMES) {
      const place = describedPlace(slot, topology);
      if (!place) continue;
      seen.check(
        requirement,
        seen.named('ATTACH').some(({ device, fields }) => device === place.iommu && fields.endpoint === place.id),
        start,
        `${slot} has endpoint ID ${hex(place.id)} at ${place.iommu}, and no ATTACH at ${place.iommu} names it.`,
      );
    }
    for (const address of seen.of('exposed')) {
      seen.check(
        'platform/map/reachable-when-exposed',
        address.reachable,
        address,
        `The driver of ${address.endpoint} uses 0x${address.address.toString(16)}, which is not mapped at the IOMMU of ${address.endpoint}.`,
      );
    }
  },

  mustCatch: {
    'first-iommu-for-all': 'platform/viot/output-node-followed',
    'first-iommu-only': 'platform/device-tree/phandle-followed',
    'ignores-node-offset': 'platform/viot/output-node-followed',
    'same-id-taken-for-same-endpoint': 'platform/device-tree/phandle-followed',
  },
});
