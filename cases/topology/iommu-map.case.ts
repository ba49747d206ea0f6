import { defineCase, describedId, SLOTS } from '../api/index.ts';

const PCI_SLOTS = ['rng', 'dma', 'gap', 'rng2', 'dma2'] as const;

const hex = (value: number): string => `0x${value.toString(16)}`;

export default defineCase({
  id: 'topology/iommu-map',
  title: 'Functions have the IDs that iommu-map gives them, and those between its entries have none',
  demands:
    'Each entry maps a run of requester IDs to a run of endpoint IDs, which may be anything: here they are shifted, permuted and ' +
    'longer than 16 bits. A function in a hole of the map is not translated, and neither is the IOMMU itself.',
  requirements: ['platform/device-tree/iommu-map', 'platform/device-tree/gaps-untouched'],
  needs: { verbs: ['start', 'attach'] },

  vary: {
    holes: 'device-tree',
    'iommu-beside-the-bridge': 'device-tree-mmio',
    'ids-moved-about': 'offset-ids',
  } as const,

  given: (topology) => ({ topology, endpoints: Object.fromEntries(PCI_SLOTS.map((slot) => [slot, {}])) }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    for (const endpoint of ['dma', 'dma2'] as const) await driver.try.attach({ endpoint, domain: endpoint });
  },

  then(seen, topology) {
    const start = seen.answers.find(({ verb }) => verb === 'start');
    if (start?.outcome !== 'ok') return;
    const described = new Map(PCI_SLOTS.map((slot) => [describedId(slot, topology), slot]));
    const attached = new Set(seen.named('ATTACH').map(({ fields }) => fields.endpoint));
    for (const [id, slot] of described) {
      if (id === undefined) continue;
      seen.check(
        'platform/device-tree/iommu-map',
        attached.has(id),
        start,
        `${slot}, requester ID ${hex(SLOTS[slot].bdf)}, has endpoint ID ${hex(id)}, and no ATTACH names it.`,
      );
    }
    for (const request of seen.requests) {
      const { endpoint } = request.fields;
      if (endpoint === undefined) continue;
      seen.check(
        'platform/device-tree/gaps-untouched',
        described.has(endpoint),
        request,
        `${request.name} names ${hex(endpoint)}, which iommu-map gives to no function that is there.`,
      );
    }
  },

  mustCatch: {
    'iommu-map-length-ignored': 'platform/device-tree/gaps-untouched',
    'iommu-map-base-ignored': 'platform/device-tree/iommu-map',
    'iommu-map-first-entry-only': 'platform/device-tree/iommu-map',
    'iommu-map-offset-ignored': 'platform/device-tree/iommu-map',
    'iommu-map-id-16-bit': 'platform/device-tree/iommu-map',
  },
});
