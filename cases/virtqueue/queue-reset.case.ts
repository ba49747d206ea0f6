import { defineCase, type DeviceFaultName, type FeatureName, hex, ringsWith } from '../api/index.ts';

interface Row {
  readonly features: readonly FeatureName[];
  readonly faults: readonly DeviceFaultName[];
}

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'virtqueue/queue-reset',
  title: 'A queue that was reset alone works again, and the device has forgotten nothing else',
  demands:
    'With RING_RESET one queue can be reset while the device goes on. The driver has to see that the reset is over before it uses the ' +
    'queue again, and sets it up as at first; attached endpoints and mappings are not touched.',
  requirements: [
    'core/driver/vq-reset/verify-queue-reset',
    'pci/driver/common-cfg/queue-reset-wait',
    'platform/map/exactly-as-asked',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'], optionalVerbs: ['reset-queue'] },

  vary: {
    split: { features: [], faults: [] },
    packed: { features: ['VIRTIO_F_RING_PACKED', 'VIRTIO_F_EVENT_IDX'], faults: [] },
    'split-and-slow': { features: ['VIRTIO_F_EVENT_IDX'], faults: ['slow-queue-reset'] },
    'packed-and-slow': { features: ['VIRTIO_F_RING_PACKED'], faults: ['slow-queue-reset'] },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ features, faults }) => ({
    ...ringsWith(['VIRTIO_F_RING_RESET', ...features]),
    endpoints: { dma: {} },
    faults,
  }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.try['reset-queue']({ queue: 'eventq' });
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    await driver['reset-queue']({ queue: 'requestq' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped' });
    await driver.map({ iova: IOVA + 0x1000n, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA + 0x1000n, access: 'read', label: 'mapped' });
    await driver.unmap({ iova: IOVA, length: 0x1000 });
  },

  then(seen) {
    // How the reset is awaited and the queue set up again, the monitor queue-reset judges.
    if (seen.accepted('iommu') !== 0n && !seen.has('iommu', 'VIRTIO_F_RING_RESET')) {
      seen.notApplicable('The driver does not accept VIRTIO_F_RING_RESET.');
    }
    for (const access of seen.dma('mapped')) {
      const says = `${hex(access.address)} is mapped, and an access faults after the reset of a queue.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
  },

  mustCatch: {
    'queue-reset-not-awaited': 'pci/driver/common-cfg/queue-reset-wait',
  },
});
