import { defineCase } from '../api/index.ts';

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
    await driver.try.start();
    await driver.try.io({ endpoint, length });
  },

  then(seen, { endpoint: slot }) {
    const transfers = seen.of('dma').filter((access) => access.endpoint === slot && access.cause === 'virtqueue');
    const transfer = seen.answers.find((answer) => answer.verb === 'io');
    const lost = transfers.find((access) => access.outcome !== 'ok');
    const exposed = seen.of('exposed').filter(({ endpoint }) => endpoint === slot);
    if (exposed.length === 0) return;
    const says = lost
      ? `The device without ACCESS_PLATFORM was given 0x${lost.address.toString(16)}, where no memory is; it must be a guest-physical address.`
      : `The transfer answered '${transfer?.reason ?? 'nothing'}'; with guest-physical addresses it works.`;
    const physical = lost === undefined && transfer?.outcome === 'ok';
    seen.check('reserved-features/driver/physical-addresses-otherwise', physical, lost ?? transfer, says);
    seen.check('platform/access-platform/physical-without', physical, lost ?? transfer, says);
  },

  mustCatch: { 'rng-translated-without-access-platform': 'reserved-features/driver/physical-addresses-otherwise' },
});
