import { defineCase } from '../api/index.ts';

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
    await driver.try.start();
    await driver.try.io({ endpoint: translated });
    await driver.try.io({ endpoint: plain });
  },

  then(seen, { translated, plain }) {
    for (const address of seen.of('exposed').filter(({ endpoint }) => endpoint === translated)) {
      seen.check(
        'reserved-features/driver/iommu-setup-for-access-platform',
        address.reachable,
        address,
        `${translated} was given 0x${address.address.toString(16)}, which is not mapped for it.`,
      );
    }
    const transfers = seen.of('dma').filter(({ endpoint, cause }) => endpoint === plain && cause === 'virtqueue');
    for (const transfer of transfers) {
      seen.check(
        'reserved-features/driver/physical-addresses-otherwise',
        transfer.outcome === 'ok',
        transfer,
        `${plain} has no ACCESS_PLATFORM and was given 0x${transfer.address.toString(16)}, where no memory is.`,
      );
    }
  },

  mustCatch: {
    'rng-physical-addresses': 'reserved-features/driver/iommu-setup-for-access-platform',
    'rng-translated-without-access-platform': 'reserved-features/driver/physical-addresses-otherwise',
  },
});
