import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'order/iommu-fails',
  title: 'If the IOMMU cannot be brought up, the drivers of its endpoints do not start DMA',
  demands:
    'A device without MAP_UNMAP is of no use to a driver that maps. It gives the IOMMU up, and then must not let the drivers of ' +
    'described endpoints run untranslated.',
  requirements: ['platform/order/no-dma-before-iommu', 'iommu/prose/map-unmap-check'],
  needs: { verbs: ['start'] },

  given: () => ({
    features: ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_PROBE'],
    endpoints: { rng: {}, dma: {} },
  }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen) {
    if (seen.of('register-read').every(({ device }) => device !== 'iommu')) return;
    const request = seen.requests[0];
    seen.check(
      'iommu/prose/map-unmap-check',
      request === undefined,
      request,
      `The driver sent ${request?.name ?? 'a request'} to a device that does not offer MAP_UNMAP.`,
    );
    const exposed = seen.of('exposed').find(({ endpoint }) => endpoint === 'rng');
    seen.check(
      'platform/order/no-dma-before-iommu',
      exposed === undefined,
      exposed,
      `The driver of a described endpoint gave it address 0x${exposed?.address.toString(16)} although the IOMMU is not in use.`,
    );
  },

  mustCatch: {
    'continues-without-map-unmap': 'iommu/prose/map-unmap-check',
    'endpoints-without-iommu': 'platform/order/no-dma-before-iommu',
  },
});
