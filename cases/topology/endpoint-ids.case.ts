import { bridgeEndpoints, defineCase, describedId, SLOTS } from '../api/index.ts';

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
    'more-than-16-bits': { topology: 'bridged', slots: ['rng', 'rng2'] },
  } as const,

  given: ({ topology, slots }) => ({ topology, endpoints: Object.fromEntries(slots.map((slot) => [slot, {}])) }),

  async when({ driver }, { slots }) {
    await driver.try.start();
    for (const slot of slots) {
      if (SLOTS[slot].kind === 'dma-engine') await driver.try.attach({ endpoint: slot, domain: slot });
    }
  },

  then(seen, { topology, slots }) {
    const byTree = seen.driver.description === 'device-tree';
    const requirement = byTree ? 'platform/device-tree/iommu-map' : 'platform/viot/endpoint-ids';
    const present = slots.flatMap((slot) => describedId(slot, topology) ?? []);
    const known = new Set([...present, ...bridgeEndpoints(topology).map(({ id }) => id)]);
    const named = seen.requests.filter(({ fields }) => fields.endpoint !== undefined);
    for (const request of named) {
      const { endpoint = -1 } = request.fields;
      const isKnown = known.has(endpoint);
      const says = `${request.name} names endpoint 0x${endpoint.toString(16)}; the endpoints present are ${present.map((id) => `0x${id.toString(16)}`).join(', ')}.`;
      seen.check(requirement, isKnown, request, says);
      seen.check('iommu/prose/endpoint-id-from-platform', isKnown, request, says);
    }
    const start = seen.answers.find(({ verb }) => verb === 'start');
    if (start?.outcome !== 'ok') return;
    for (const slot of slots) {
      // Not every driver of an IOMMU brings one for the entropy device along; nobody uses the endpoint then.
      const used = SLOTS[slot].kind === 'dma-engine' || seen.of('features').some(({ device }) => device === slot);
      if (!used) continue;
      const id = describedId(slot, topology) ?? 0;
      const attached = named.some(({ name, fields }) => name === 'ATTACH' && fields.endpoint === id);
      seen.check(
        requirement,
        attached,
        start,
        `Endpoint 0x${id.toString(16)} is described, present and in use, and was never attached.`,
      );
    }
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
