import { defineCase, ringsWith } from '../api/index.ts';

export default defineCase({
  id: 'virtqueue/notifications-suppressed',
  title: 'The driver sends no notification while the device suppresses them, and notifies again afterwards',
  demands:
    'A busy device asks not to be notified, by a flag or by avail_event. The driver should heed that, and must go back to notifying ' +
    'when the device asks for it again; a request that nobody announces may lie there for ever.',
  requirements: [
    'split/driver/avail-suppression/no-kick-when-flag-1',
    'split/driver/avail-suppression/no-kick-otherwise',
    'split/driver/avail-suppression/kick-when-flag-0',
    'split/driver/avail-suppression/kick-at-avail-event',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: { flag: [], 'avail-event': ['VIRTIO_F_EVENT_IDX'] } as const,

  given: (features) => ({ ...ringsWith(features), endpoints: { dma: {} }, faults: ['suppress-notifications'] }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (const iova of [0x10_0000n, 0x20_0000n, 0x30_0000n]) {
      await driver.map({ iova, length: 0x1000, access: 'read-write' });
      await driver.unmap({ iova, length: 0x1000 });
    }
  },

  then(seen) {
    // What the driver did is judged by the monitor notification-need.
    if (seen.requests.length < 2) seen.untested('The driver sent no request after the device had asked for silence.');
  },

  mustCatch: {
    'kicks-despite-suppression': 'split/driver/avail-suppression/no-kick-when-flag-1',
    'never-kicks-after-suppression': 'split/driver/avail-suppression/kick-when-flag-0',
  },
});
