import { defineCase, ringsWith } from '../api/index.ts';

const EVENTQ = 1;

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

  then(seen) {
    const eventIdx = seen.has('iommu', 'VIRTIO_F_EVENT_IDX');
    const id = eventIdx
      ? 'split/driver/avail-suppression/kick-at-avail-event'
      : 'split/driver/avail-suppression/kick-when-flag-0';
    const kick = seen.of('notification').find(({ device, queue }) => device === 'iommu' && queue === EVENTQ);
    if (kick) {
      seen.check(id, true, kick, '');
      return;
    }
    const left = seen.of('unannounced-buffers').find(({ device, queue }) => device === 'iommu' && queue === EVENTQ);
    // Nobody has changed what the driver has zeroed, which asks for the first buffer, or for all of them.
    if (!left || (eventIdx ? left.ring.event : left.ring.flags) !== 0) return;
    const says = `Buffers lie on eventq up to available idx ${left.ring.position}, and no notification came for them.`;
    seen.check(id, false, left, says);
  },

  shippedIn: [
    'Linux, drivers/iommu/virtio-iommu.c since 5.3: viommu_fill_evtq() fills the event queue and nobody notifies the device.',
  ],

  mustCatch: {
    'event-buffers-not-kicked': 'split/driver/avail-suppression/kick-when-flag-0',
  },
});
