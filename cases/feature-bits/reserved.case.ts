import { defineCase, type FeatureName, hex } from '../api/index.ts';

const BASE = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
] as const satisfies readonly FeatureName[];

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'feature-bits/reserved',
  title: 'A reserved feature bit is accepted only by a driver that does what it means',
  demands:
    'Reserved feature bits change how rings and notifications work. A driver may leave most of them alone, but once it has accepted ' +
    'one it has to keep to it, or its requests do not come through.',
  requirements: [
    'platform/map/exactly-as-asked',
    'reserved-features/driver/accept-order-platform',
    'pci/driver/notify/32-bit',
    'pci/driver/notify/value-is-config-data',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    none: [],
    'order-platform': ['VIRTIO_F_ORDER_PLATFORM'],
    'notification-data': ['VIRTIO_F_NOTIFICATION_DATA'],
    'notif-config-data': ['VIRTIO_F_NOTIF_CONFIG_DATA'],
    'both-kinds-of-data': ['VIRTIO_F_NOTIFICATION_DATA', 'VIRTIO_F_NOTIF_CONFIG_DATA'],
    'in-order': ['VIRTIO_F_IN_ORDER'],
  } as const,

  given: (offered) => ({ features: [...BASE, ...offered], queueSizes: [16, 8], endpoints: { dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    for (const iova of [IOVA, IOVA + 0x2000n, IOVA + 0x1000n]) {
      await driver.map({ iova, length: 0x1000, access: 'read-write' });
      await machine.dma({ endpoint: 'dma', address: iova, access: 'read', label: 'mapped' });
    }
    await driver.unmap({ iova: IOVA, length: 0x1000 });
  },

  then(seen, offered) {
    for (const access of seen.dma('mapped')) {
      seen.check(
        'platform/map/exactly-as-asked',
        seen.world.reached(access),
        access,
        `DMA to ${hex(access.address)} faults although the driver has mapped it; the device offers ${offered.join(' and ') || 'no reserved feature'}.`,
      );
    }
  },

  mustCatch: {
    'no-order-platform': 'reserved-features/driver/accept-order-platform',
    'accepts-notif-config-data': 'pci/driver/notify/value-is-config-data',
    'accepts-notification-data': 'pci/driver/notify/32-bit',
    'map-never-sent': 'platform/map/exactly-as-asked',
  },
});
