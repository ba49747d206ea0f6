import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/admin-queue-offered',
  title: 'VIRTIO_F_ADMIN_VQ is not accepted over MMIO, even from a device that offers it',
  demands: 'virtio-mmio has no registers from which a driver could learn which queues are administration virtqueues.',
  requirements: ['mmio/prose/no-admin-vq'],
  needs: { verbs: ['start'] },

  given: () => ({
    topology: 'mmio',
    offers: ['VIRTIO_F_ADMIN_VQ'],
    endpoints: { rng: {} },
  }),

  async when({ driver }) {
    await driver.start();
  },

  mustCatch: { 'accepts-admin-vq': 'mmio/prose/no-admin-vq' },
});
