import { defineCase, type DeviceFaultName, type FeatureName } from '../api/index.ts';

const BASE = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_F_RING_RESET',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
] as const satisfies readonly FeatureName[];

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
    'pci/driver/common-cfg/configure-before-enable',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'], optionalVerbs: ['reset-queue'] },

  vary: {
    split: { features: [], faults: [] },
    packed: { features: ['VIRTIO_F_RING_PACKED', 'VIRTIO_F_EVENT_IDX'], faults: [] },
    'split-and-slow': { features: ['VIRTIO_F_EVENT_IDX'], faults: ['slow-queue-reset'] },
    'packed-and-slow': { features: ['VIRTIO_F_RING_PACKED'], faults: ['slow-queue-reset'] },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ features, faults }) => ({
    features: [...BASE, ...features],
    queueSizes: [16, 8],
    endpoints: { dma: {} },
    faults,
  }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    const attached = await driver.try.attach({ endpoint: 'dma' });
    const kept = await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
    const reset = await driver.try['reset-queue']({ queue: 'requestq' });
    await driver.try['reset-queue']({ queue: 'eventq' });
    if (!reset.ok || !attached.ok) return;
    const mapped = await driver.try.map({ iova: IOVA + 0x1000n, length: 0x1000, access: 'read-write' });
    if (kept.ok) await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'kept' });
    if (mapped.ok) await machine.dma({ endpoint: 'dma', address: IOVA + 0x1000n, access: 'read', label: 'new' });
    await driver.try.unmap({ iova: IOVA, length: 0x1000 });
  },

  then(seen) {
    if (!seen.has('iommu', 'VIRTIO_F_RING_RESET')) {
      if (seen.of('features').some(({ device, kept }) => device === 'iommu' && kept)) {
        seen.notApplicable('The driver does not accept VIRTIO_F_RING_RESET.');
      }
      return;
    }
    const answer = seen.answers.find(({ verb }) => verb === 'reset-queue');
    const asked = seen.of('verb').find(({ verb }) => verb === 'reset-queue');
    if (!answer || !asked) return;
    const own = seen.events.filter(({ seq }) => seq > asked.seq && seq < answer.seq);
    const write = own.find((event) => event.kind === 'register-write' && event.field === 'queue_reset');
    const touched = own.find(
      (event) => event.kind === 'register-write' && event.field !== 'queue_select' && event.field !== 'queue_reset',
    );
    seen.check(
      'pci/driver/common-cfg/configure-before-enable',
      write !== undefined || touched === undefined,
      touched,
      'A queue that is enabled is set up anew without having been reset.',
    );
    const looks = own.filter((event) => event.kind === 'register-read' && event.field === 'queue_reset');
    if (write && answer.outcome === 'ok') {
      const last = looks.findLast(({ seq }) => touched === undefined || seq < touched.seq);
      seen.check(
        'core/driver/vq-reset/verify-queue-reset',
        last !== undefined,
        write,
        'queue_reset is written, and the driver does not look whether the reset took place.',
      );
      seen.check(
        'pci/driver/common-cfg/queue-reset-wait',
        last?.kind === 'register-read' && last.value === 0n,
        touched ?? write,
        'The queue is used again before queue_reset has read 0.',
      );
    }
    for (const access of [...seen.dma('kept'), ...seen.dma('new')]) {
      seen.check(
        'platform/map/exactly-as-asked',
        access.outcome !== 'fault',
        access,
        `0x${access.address.toString(16)} is mapped, and an access faults after the reset of a queue.`,
      );
    }
  },

  mustCatch: {
    'queue-reset-not-awaited': 'pci/driver/common-cfg/queue-reset-wait',
    'queue-reset-unasked': 'pci/driver/common-cfg/configure-before-enable',
  },
});
