import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/admin-queue-offered',
  title: 'VIRTIO_F_ADMIN_VQ is not accepted over MMIO, even from a device that offers it',
  demands: 'virtio-mmio has no registers from which a driver could learn which queues are administration virtqueues.',
  requirements: ['mmio/prose/no-admin-vq'],
  needs: { verbs: ['start'] },

  given: () => ({
    topology: 'mmio',
    features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ADMIN_VQ', 'VIRTIO_IOMMU_F_MAP_UNMAP', 'VIRTIO_IOMMU_F_BYPASS_CONFIG'],
    endpoints: { rng: {} },
  }),

  async when({ driver }) {
    await driver.try.start();
  },

  then(seen) {
    for (const negotiation of seen.of('features').filter(({ device }) => device === 'iommu')) {
      seen.check(
        'mmio/prose/no-admin-vq',
        !seen.has('iommu', 'VIRTIO_F_ADMIN_VQ'),
        negotiation,
        'VIRTIO_F_ADMIN_VQ is accepted; virtio-mmio has no registers for it.',
      );
    }
  },

  mustCatch: { 'accepts-admin-vq': 'mmio/prose/no-admin-vq' },
});
