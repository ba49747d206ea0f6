import { defineCase, judgeAttached, judgeNamed } from '../api/index.ts';

const TOPOLOGY = 'built-in-2019';
/** VIRTIO_IOMMU_F_TOPOLOGY, as it was proposed. */
const F_TOPOLOGY = 1n << 6n;
const SLOT_NAMES = ['rng', 'dma', 'rng2', 'dma2', 'platform'] as const;

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
    await driver.start();
    await driver.attach({ endpoint: 'dma', domain: 'dma' });
    for (const endpoint of ['dma2', 'platform'] as const) await driver.try.attach({ endpoint, domain: endpoint });
    for (const endpoint of ['rng', 'rng2'] as const) await driver.io({ endpoint });
  },

  then(seen) {
    if ((seen.accepted('iommu') & F_TOPOLOGY) === 0n) {
      seen.notApplicable('The driver does not accept VIRTIO_IOMMU_F_TOPOLOGY.');
      return;
    }
    judgeNamed(seen, ['experimental/built-in-topology/endpoint-ids'], SLOT_NAMES);
    judgeAttached(seen, ['experimental/built-in-topology/whole-list'], SLOT_NAMES);
  },

  mustCatch: {
    'built-in-range-offset-ignored': 'experimental/built-in-topology/endpoint-ids',
    'platform-endpoint-by-address': 'experimental/built-in-topology/endpoint-ids',
    'built-in-first-structure-only': 'experimental/built-in-topology/whole-list',
    'platform-endpoint-forgotten': 'experimental/built-in-topology/whole-list',
  },
});
