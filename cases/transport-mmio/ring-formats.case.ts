import { defineCase, type FeatureName, judgeRoundTrips, ringsWith, roundTrips } from '../api/index.ts';

/** Requests for more than the 64 entries of the ring, so that it wraps. */
const ROUNDS = 40;

export default defineCase({
  id: 'transport-mmio/ring-formats',
  title: 'Rings of every format, and notifications with data, work over virtio-mmio as well',
  demands:
    'Rings lie in memory and know nothing of the transport. What changes is the notification: one register for all queues, which ' +
    'takes the index alone, or with VIRTIO_F_NOTIFICATION_DATA the index and the place on the ring.',
  requirements: ['mmio/prose/notify-value', 'platform/map/exactly-as-asked', 'platform/free/unmapped-when-freed'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    split: [],
    'split-with-event-idx': ['VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'],
    packed: ['VIRTIO_F_RING_PACKED'],
    'packed-with-event-idx': ['VIRTIO_F_RING_PACKED', 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'],
    'in-order': ['VIRTIO_F_IN_ORDER'],
    'notification-data': ['VIRTIO_F_NOTIFICATION_DATA'],
    'packed-notification-data': ['VIRTIO_F_RING_PACKED', 'VIRTIO_F_NOTIFICATION_DATA'],
  } satisfies Readonly<Record<string, readonly FeatureName[]>>,

  given: (features) => ({
    topology: 'mmio',
    ...ringsWith(features),
    queueSizes: [64, 64],
    endpoints: { dma: {} },
  }),

  async when(scene) {
    await scene.driver.start();
    await roundTrips(scene, ROUNDS);
  },

  then: judgeRoundTrips,

  mustCatch: {
    'map-never-sent': 'platform/map/exactly-as-asked',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
  },
});
