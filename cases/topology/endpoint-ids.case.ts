import { defineCase, judgeAttached, judgeNamed, SLOTS } from '../api/index.ts';

export default defineCase({
  id: 'topology/endpoint-ids',
  title: 'Requests name endpoints by the IDs of the topology, and only endpoints that are there',
  demands:
    'The ID of a PCI function is its distance from the first BDF of its range, added to the first ID of the range. Here no ID ' +
    'equals its BDF, and some have more than 16 bits, so that a driver which takes one for the other is found out.',
  requirements: [
    'platform/viot/endpoint-ids',
    'platform/device-tree/iommu-map',
    'iommu/prose/endpoint-id-from-platform',
  ],
  needs: { verbs: ['start', 'attach'] },

  vary: {
    'one-range': { topology: 'plain', slots: ['rng', 'dma'] },
    'both-ranges': { topology: 'plain', slots: ['rng', 'dma', 'rng2', 'dma2'] },
    'last-of-a-range': { topology: 'plain', slots: ['dma2'] },
    'functions-of-one-device': { topology: 'net', slots: ['net', 'fn2', 'dma'] },
    'from-0-on': { topology: 'ids-from-0', slots: ['rng', 'dma', 'rng2', 'dma2'] },
    'more-than-16-bits': { topology: 'bridged', slots: ['rng', 'rng2'] },
  } as const,

  given: ({ topology, slots }) => ({ topology, endpoints: Object.fromEntries(slots.map((slot) => [slot, {}])) }),

  async when({ driver }, { slots }) {
    await driver.start();
    for (const slot of slots) {
      if (SLOTS[slot].kind === 'dma-engine') await driver.try.attach({ endpoint: slot, domain: slot });
    }
  },

  then(seen, { slots }) {
    const requirements = ['platform/viot/endpoint-ids', 'platform/device-tree/iommu-map'] as const;
    judgeNamed(seen, [...requirements, 'iommu/prose/endpoint-id-from-platform'], slots);
    judgeAttached(seen, requirements, slots);
  },

  mustCatch: {
    'takes-bdf-for-endpoint-id': 'platform/viot/endpoint-ids',
    'endpoint-offset-twice': 'platform/viot/endpoint-ids',
    'attaches-absent-endpoint': 'iommu/prose/endpoint-id-from-platform',
    'attaches-first-endpoint-only': 'platform/viot/endpoint-ids',
    'range-end-exclusive': 'platform/viot/endpoint-ids',
    'functions-taken-for-one': 'platform/viot/endpoint-ids',
    'range-id-16-bit': 'platform/viot/endpoint-ids',
  },
});
