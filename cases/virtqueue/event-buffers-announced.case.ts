import { defineCase, judgeFirstFill, ringsWith } from '../api/index.ts';

export default defineCase({
  id: 'virtqueue/event-buffers-announced',
  title: 'The device is notified of the buffers on eventq',
  demands:
    'Every buffer that is made available has to be announced while the device asks for it, those on eventq among them: a device ' +
    'that waits for the notification never learns that it could report a fault.',
  requirements: [
    'split/driver/avail-suppression/kick-when-flag-0',
    'split/driver/avail-suppression/kick-at-avail-event',
  ],
  needs: { verbs: ['start'] },

  vary: { flag: [], 'avail-event': ['VIRTIO_F_EVENT_IDX'] } as const,

  given: (features) => ({ ...ringsWith(features), endpoints: { dma: {} } }),

  async when({ driver }) {
    await driver.start();
  },

  then: judgeFirstFill,

  shippedIn: [
    'Linux, drivers/iommu/virtio-iommu.c since 5.3: viommu_fill_evtq() fills the event queue and nobody notifies the device.',
  ],

  mustCatch: {
    'event-buffers-not-kicked': 'split/driver/avail-suppression/kick-when-flag-0',
  },
});
