import { defineCase, describedId } from '../api/index.ts';

const TOPOLOGY = 'built-in-2019';
/** VIRTIO_IOMMU_F_TOPOLOGY, as it was proposed. */
const F_TOPOLOGY = 1n << 6n;
const SLOT_NAMES = ['rng', 'dma', 'rng2', 'dma2', 'platform'] as const;

const hex = (value: number): string => `0x${value.toString(16)}`;

export default defineCase({
  id: 'experimental/built-in-topology',
  title: 'Endpoints have the IDs that the IOMMU itself gives them in its configuration',
  demands:
    'Experimental: proposed in 2019 and never merged. The device offers bit 6 as VIRTIO_IOMMU_F_TOPOLOGY, and its configuration ' +
    'goes on with topo_offset and a list of structures, for PCI ranges and for single endpoints. The platform says nothing.',
  requirements: ['experimental/built-in-topology/endpoint-ids', 'experimental/built-in-topology/whole-list'],
  needs: { verbs: ['start', 'attach', 'io'] },

  given: () => ({ topology: TOPOLOGY, endpoints: { rng: {}, dma: {}, gap: {}, rng2: {}, dma2: {}, platform: {} } }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    for (const endpoint of ['rng', 'rng2'] as const) await driver.try.io({ endpoint });
    for (const endpoint of ['dma', 'dma2', 'platform'] as const)
      await driver.try.attach({ endpoint, domain: endpoint });
  },

  then(seen) {
    const start = seen.answers.find(({ verb }) => verb === 'start');
    if (start?.outcome !== 'ok') return;
    if ((seen.accepted('iommu') & F_TOPOLOGY) === 0n) {
      seen.notApplicable('The driver does not accept VIRTIO_IOMMU_F_TOPOLOGY.');
      return;
    }
    const ids = new Map(SLOT_NAMES.map((slot) => [describedId(slot, TOPOLOGY), slot]));
    for (const request of seen.requests) {
      const { endpoint } = request.fields;
      if (endpoint === undefined) continue;
      seen.check(
        'experimental/built-in-topology/endpoint-ids',
        ids.has(endpoint),
        request,
        `${request.name} names ${hex(endpoint)}, which the configuration gives to no endpoint.`,
      );
    }
    for (const [id = 0, slot] of ids) {
      seen.check(
        'experimental/built-in-topology/whole-list',
        seen.named('ATTACH').some(({ fields }) => fields.endpoint === id),
        start,
        `${slot} has endpoint ID ${hex(id)} by the list in the configuration, and no ATTACH names it.`,
      );
    }
  },

  mustCatch: {
    'built-in-range-offset-ignored': 'experimental/built-in-topology/endpoint-ids',
    'platform-endpoint-by-address': 'experimental/built-in-topology/endpoint-ids',
    'built-in-first-structure-only': 'experimental/built-in-topology/whole-list',
    'platform-endpoint-forgotten': 'experimental/built-in-topology/whole-list',
  },
});
