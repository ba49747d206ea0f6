import { defineCase, type EventOf, ringsWith } from '../api/index.ts';

const REQUESTQ = 0;
const IOVA = 0x10_0000n;

const ofRequestq = ({ device, queue }: { readonly device: string; readonly queue: number }): boolean =>
  device === 'iommu' && queue === REQUESTQ;

export default defineCase({
  id: 'virtqueue/misleading-suppression',
  title: 'With and without EVENT_IDX the driver goes by the field that applies, and ignores the other',
  demands:
    'By EVENT_IDX either avail_event or a flag says whether to notify, never both. The device asks for silence in the one that is not ' +
    'in force; a driver that looks there keeps still, and its requests may lie on the ring for ever.',
  requirements: [
    'split/driver/avail-suppression/ignore-avail-event',
    'split/driver/avail-suppression/ignore-used-flag-bit0',
    'split/driver/avail-suppression/kick-at-avail-event',
    'split/driver/avail-suppression/kick-when-flag-0',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'avail-event-not-in-force': { features: [], faults: ['misleading-suppression'] },
    'flag-not-in-force': { features: ['VIRTIO_F_EVENT_IDX'], faults: ['misleading-suppression'] },
    'avail-event-in-force': { features: ['VIRTIO_F_EVENT_IDX'], faults: [] },
  } as const,
  control: 'avail-event-in-force',

  given: ({ features, faults }) => ({ ...ringsWith(features), endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    await driver.unmap({ iova: IOVA, length: 0x1000 });
  },

  then(seen, { faults }) {
    const eventIdx = seen.has('iommu', 'VIRTIO_F_EVENT_IDX');
    // With EVENT_IDX, too, the device has asked for it: avail_event names the buffer that came last.
    const isAsked = ({ position, flags, event }: EventOf<'unannounced-buffers'>['ring']): boolean =>
      eventIdx ? position === ((event + 1) & 0xffff) : (flags & 1) === 0;
    const missed = seen.of('unannounced-buffers').find((left) => ofRequestq(left) && isAsked(left.ring));
    const kick = seen.of('notification').find(ofRequestq);
    if (!missed && !kick) return;
    if (faults.length === 0) {
      // A driver that forgets to notify is judged by the monitor notification-need, and shows nothing here.
      const due = eventIdx ? 'kick-at-avail-event' : 'kick-when-flag-0';
      seen.check(`split/driver/avail-suppression/${due}`, missed === undefined || undefined, kick, '');
      return;
    }
    seen.check(
      eventIdx
        ? 'split/driver/avail-suppression/ignore-used-flag-bit0'
        : 'split/driver/avail-suppression/ignore-avail-event',
      missed === undefined,
      missed ?? kick,
      `${eventIdx ? 'Flags of the used ring are 1, with EVENT_IDX,' : 'avail_event is 0x8000, without EVENT_IDX,'} and requests lie on requestq without a notification.`,
    );
  },

  mustCatch: {
    'avail-event-without-feature': 'split/driver/avail-suppression/ignore-avail-event',
    'used-flag-with-event-idx': 'split/driver/avail-suppression/ignore-used-flag-bit0',
    'both-suppressions-heeded': [
      'split/driver/avail-suppression/ignore-avail-event',
      'split/driver/avail-suppression/ignore-used-flag-bit0',
    ],
  },
});
