import { defineCase, type DeviceFaultName, type FeatureName, hex, type TopologyName } from '../api/index.ts';

const BASE = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_F_SUSPEND',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
] as const satisfies readonly FeatureName[];

interface Row {
  readonly features?: readonly FeatureName[];
  readonly faults?: readonly DeviceFaultName[];
  readonly topology?: TopologyName;
}

const IOVA = 0x10_0000n;
const LENGTH = 0x1000;
/** The bits of device_status that take turns. */
const DRIVER_OK = 4;
const SUSPEND = 16;

export default defineCase({
  id: 'suspend/and-resume',
  title: 'The driver verifies that the device is suspended, and later that it has resumed',
  demands:
    'A device may take its time to come to rest and to go on. Until then device_status shows both DRIVER_OK and SUSPEND, so a driver ' +
    'that looks at one bit only, or at none, is too early. What is mapped outlives the rest.',
  requirements: [
    'core/driver/suspend/verify-suspended',
    'core/driver/suspend/wait-for-resume',
    'platform/map/exactly-as-asked',
  ],
  needs: { verbs: ['start', 'attach', 'map'], optionalVerbs: ['suspend', 'resume'] },

  vary: {
    'at-once': {},
    slow: { faults: ['slow-suspend'] },
    'slow-and-packed': { features: ['VIRTIO_F_RING_PACKED', 'VIRTIO_F_EVENT_IDX'], faults: ['slow-suspend'] },
    'slow-mmio': { faults: ['slow-suspend'], topology: 'mmio' },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ features = [], faults = [], topology = 'plain' }: Row) => ({
    features: [...BASE, ...features],
    endpoints: { dma: {} },
    faults,
    topology,
  }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: LENGTH, access: 'read-write' });
    await driver.suspend();
    await driver.resume();
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped' });
    await driver.map({ iova: IOVA + 0x1000n, length: LENGTH, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA + 0x1000n, access: 'read', label: 'mapped' });
  },

  then(seen) {
    const order = seen.of('suspension').find(({ step }) => step === 'suspending');
    for (const { answer } of seen.calls('suspend').filter(({ ok }) => ok)) {
      const saw = seen
        .of('register-read')
        .some(
          ({ seq, field, value }) =>
            order !== undefined &&
            seq > order.seq &&
            seq < answer.seq &&
            (field === 'device_status' || field === 'Status') &&
            (Number(value & 0xffn) & (DRIVER_OK | SUSPEND)) === SUSPEND,
        );
      const says = "'suspend' is answered with ok before device_status has been read with SUSPEND 1 and DRIVER_OK 0.";
      seen.check('core/driver/suspend/verify-suspended', order && saw, answer, says);
    }
    for (const access of seen.dma('mapped')) {
      const says = `DMA to ${hex(access.address)}, which is mapped, faults after a suspension; it must go through.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
  },

  mustCatch: {
    'suspend-not-verified': 'core/driver/suspend/verify-suspended',
    'suspend-checks-own-bit-only': 'core/driver/suspend/verify-suspended',
    'resume-not-awaited': 'core/driver/suspend/wait-for-resume',
    'resume-checks-own-bit-only': 'core/driver/suspend/wait-for-resume',
  },
});
