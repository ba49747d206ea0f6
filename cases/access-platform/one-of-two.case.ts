import { defineCase, judgeExposures, judgePhysical } from '../api/index.ts';

export default defineCase({
  id: 'access-platform/one-of-two',
  title: 'Of two equal devices, only the one with ACCESS_PLATFORM is given translated addresses',
  demands:
    'ACCESS_PLATFORM is a property of each device. With one device that offers it beside one that does not, the driver ' +
    'hands IOVAs to the first and guest-physical addresses to the second, at the same time.',
  requirements: [
    'reserved-features/driver/physical-addresses-otherwise',
    'reserved-features/driver/iommu-setup-for-access-platform',
  ],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'first-has-it': { translated: 'rng', plain: 'rng2' },
    'second-has-it': { translated: 'rng2', plain: 'rng' },
  } as const,

  given: ({ translated, plain }) => ({
    endpoints: { [translated]: {}, [plain]: { features: ['VIRTIO_F_VERSION_1'] } },
  }),

  async when({ driver }, { translated, plain }) {
    await driver.start();
    await driver.io({ endpoint: translated });
    await driver.io({ endpoint: plain });
  },

  then(seen, { translated, plain }) {
    if (seen.has(translated, 'VIRTIO_F_ACCESS_PLATFORM'))
      judgeExposures(seen, ['reserved-features/driver/iommu-setup-for-access-platform'], translated);
    judgePhysical(seen, ['reserved-features/driver/physical-addresses-otherwise'], plain);
  },

  mustCatch: {
    'rng-physical-addresses': 'reserved-features/driver/iommu-setup-for-access-platform',
    'rng-translated-without-access-platform': 'reserved-features/driver/physical-addresses-otherwise',
  },
});
