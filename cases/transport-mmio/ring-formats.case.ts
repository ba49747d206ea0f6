import { defineCase, type FeatureName, judgeMapAndUnmap } from '../api/index.ts';

const BASE = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
] as const satisfies readonly FeatureName[];

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'transport-mmio/ring-formats',
  title: 'Rings of every format, and notifications with data, work over virtio-mmio as well',
  demands:
    'Rings lie in memory and know nothing of the transport. What changes is the notification: one register for all queues, which ' +
    'takes the index alone, or with VIRTIO_F_NOTIFICATION_DATA the index and the place on the ring.',
  requirements: ['mmio/prose/notify-value', 'platform/map/exactly-as-asked'],
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
    features: [...BASE, ...features],
    queueSizes: [8, 8],
    endpoints: { dma: {} },
  }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    // More requests than the ring has entries, so that it wraps.
    for (let round = 0; round < 12; round++) {
      const mapped = await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
      if (!mapped.ok) return;
      await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped' });
      const unmapped = await driver.try.unmap({ iova: IOVA, length: 0x1000 });
      if (!unmapped.ok) return;
      await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'unmapped' });
    }
  },

  then(seen) {
    judgeMapAndUnmap(seen);
  },

  mustCatch: {
    'map-never-sent': 'platform/map/exactly-as-asked',
    'unmap-never-sent': 'platform/map/exactly-as-asked',
  },
});
