import { defineCase, judgeAttached, judgeExposures, judgeNamed } from '../api/index.ts';

const ENDPOINT = 'platform-rng';
const NAMED_SO = ['platform/viot/mmio-endpoints', 'platform/device-tree/iommus'] as const;

export default defineCase({
  id: 'topology/driven-in-a-window',
  title: 'A virtio device in a window of registers is behind its IOMMU like one on PCI',
  demands:
    'A virtio device whose registers are in a window can be behind an IOMMU, be that on PCI or in a window of its own. The platform ' +
    'description names it by its window: the driver attaches it by the ID that stands there, and maps all that it is told of.',
  requirements: [...NAMED_SO, 'reserved-features/driver/iommu-setup-for-access-platform'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'iommu-on-pci': 'plain',
    'both-in-windows': 'mmio',
    'iommu-on-pci-in-a-tree': 'device-tree',
    'both-in-windows-in-a-tree': 'device-tree-mmio',
  } as const,

  given: (topology) => ({ topology, endpoints: { rng: {}, [ENDPOINT]: {} } }),

  async when({ driver }) {
    await driver.start();
    for (const length of [64, 16]) {
      await driver.io({ endpoint: ENDPOINT, length });
      await driver.io({ endpoint: 'rng', length });
    }
  },

  then(seen) {
    judgeAttached(seen, NAMED_SO, [ENDPOINT]);
    judgeNamed(seen, NAMED_SO, ['rng', ENDPOINT]);
    if (seen.has(ENDPOINT, 'VIRTIO_F_ACCESS_PLATFORM')) {
      judgeExposures(seen, ['reserved-features/driver/iommu-setup-for-access-platform'], ENDPOINT);
    }
  },

  mustCatch: {
    'platform-endpoint-forgotten': 'platform/viot/mmio-endpoints',
    'platform-endpoint-by-address': 'platform/device-tree/iommus',
    'iommus-phandle-taken-for-id': 'platform/device-tree/iommus',
    'rng-physical-addresses': 'reserved-features/driver/iommu-setup-for-access-platform',
  },
});
