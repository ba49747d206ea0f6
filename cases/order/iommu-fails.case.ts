import { defineCase, hex } from '../api/index.ts';

export default defineCase({
  id: 'order/iommu-fails',
  title: 'If the IOMMU cannot be brought up, the drivers of its endpoints do not start DMA',
  demands:
    'A device without MAP_UNMAP is of no use to a driver that maps. It gives the IOMMU up, and then must not let the drivers of ' +
    'described endpoints run untranslated.',
  requirements: ['platform/order/no-dma-before-iommu', 'iommu/prose/map-unmap-check'],
  needs: { verbs: ['start'] },

  vary: {
    '': ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_PROBE'],
    'with-map-unmap': ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_PROBE', 'VIRTIO_IOMMU_F_MAP_UNMAP'],
  } as const,
  control: 'with-map-unmap',

  given: (features) => ({ features, endpoints: { rng: {}, dma: {} } }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen, features) {
    const exposed = seen.of('exposed').find(({ endpoint }) => endpoint === 'rng');
    if ((features as readonly string[]).includes('VIRTIO_IOMMU_F_MAP_UNMAP')) {
      // A driver that never drives the endpoint shows nothing by not driving it.
      if (exposed && seen.world.attached('rng', exposed) !== false) {
        seen.held('platform/order/no-dma-before-iommu', exposed);
      }
      return;
    }
    if (seen.of('register-read').every(({ device }) => device !== 'iommu')) return;
    const request = seen.requests[0];
    seen.check(
      'iommu/prose/map-unmap-check',
      request === undefined,
      request,
      `The driver sent ${request?.name ?? 'a request'} to a device that does not offer MAP_UNMAP.`,
    );
    // A driver that goes on without MAP_UNMAP has not given the IOMMU up.
    if (request !== undefined) return;
    seen.check(
      'platform/order/no-dma-before-iommu',
      exposed === undefined,
      exposed,
      `The driver did not bring the IOMMU up, and yet the driver of rng, a described endpoint, gave its device address ${hex(exposed?.address ?? 0n)}.`,
    );
  },

  mustCatch: {
    'continues-without-map-unmap': 'iommu/prose/map-unmap-check',
    'endpoints-without-iommu': 'platform/order/no-dma-before-iommu',
  },
});
