import { defineCase } from '../api/index.ts';

/** requestq and eventq. */
const OTHER_QUEUES = 2;

export default defineCase({
  id: 'transport-pci/admin-queue',
  title: 'An administration virtqueue is set up where the device says that it has one',
  demands:
    'With VIRTIO_F_ADMIN_VQ the device tells by admin_queue_index and admin_queue_num which queues are for administration. They ' +
    'need not follow the other queues, so a driver that counts on has set up a queue that is not there.',
  requirements: ['pci/driver/common-cfg/admin-index-used'],
  needs: { verbs: ['start'] },

  given: () => ({
    offers: ['VIRTIO_F_ADMIN_VQ'],
    endpoints: { dma: {} },
  }),

  async when({ driver }) {
    await driver.start();
  },

  then(seen) {
    const enables = seen
      .of('register-write')
      .filter(
        ({ device, field, queue = 0 }) => device === 'iommu' && field === 'queue_enable' && queue >= OTHER_QUEUES,
      );
    for (const write of enables) {
      const stood = seen
        .of('queue-enabled')
        .some(({ device, queue, seq }) => device === 'iommu' && queue === write.queue && seq > write.seq);
      seen.check(
        'pci/driver/common-cfg/admin-index-used',
        stood,
        write,
        `Queue ${write.queue} is enabled for administration; admin_queue_index and admin_queue_num name another.`,
      );
    }
    if (enables.length === 0 && seen.has('iommu', 'VIRTIO_F_ADMIN_VQ')) {
      seen.notApplicable('The driver sets up no administration virtqueue.');
    }
  },

  mustCatch: {
    'admin-queue-behind-others': 'pci/driver/common-cfg/admin-index-used',
    'admin-queue-past-range': 'pci/driver/common-cfg/admin-index-used',
  },
});
