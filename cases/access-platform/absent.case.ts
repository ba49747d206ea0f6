import { defineCase, judgePhysical } from '../api/index.ts';

export default defineCase({
  id: 'access-platform/absent',
  title: 'A device without ACCESS_PLATFORM is given guest-physical addresses',
  demands:
    'VIRTIO_F_ACCESS_PLATFORM (older name IOMMU_PLATFORM) says that a device sees memory through the IOMMU. A device ' +
    'that does not offer it goes around the IOMMU, so its driver has to hand out guest-physical addresses even if the ' +
    'topology lists the device behind the IOMMU.',
  requirements: ['reserved-features/driver/physical-addresses-otherwise', 'platform/access-platform/physical-without'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    rng: { endpoint: 'rng', length: 1 },
    disk: { endpoint: 'disk', length: 0x3000 },
    net: { endpoint: 'net', length: 0x3000 },
  } as const,

  given: ({ endpoint }) => ({
    ...(endpoint !== 'rng' && { topology: endpoint }),
    endpoints: { [endpoint]: { features: ['VIRTIO_F_VERSION_1'] }, dma: {} },
  }),

  async when({ driver }, { endpoint, length }) {
    await driver.start();
    await driver.io({ endpoint, length });
  },

  then(seen, { endpoint }) {
    judgePhysical(
      seen,
      ['reserved-features/driver/physical-addresses-otherwise', 'platform/access-platform/physical-without'],
      endpoint,
    );
  },

  mustCatch: { 'rng-translated-without-access-platform': 'reserved-features/driver/physical-addresses-otherwise' },
});
