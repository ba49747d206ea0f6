import { defineCase, type DeviceFaultName, type FeatureName } from '../api/index.ts';

const BASE = [
  'VIRTIO_F_VERSION_1',
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
  id: 'suspend/refused',
  title: 'A device that cannot rest is not believed to, and one without the feature is not asked',
  demands:
    'SUSPEND means something only if VIRTIO_F_SUSPEND was negotiated. A device that cannot rest, or cannot go on, says so with ' +
    'DEVICE_NEEDS_RESET; a driver that does not read device_status believes that it has.',
  requirements: ['core/driver/suspend/suspend-only-when-running', 'core/driver/suspend/verify-suspended'],
  needs: { verbs: ['start', 'attach', 'map'], optionalVerbs: ['suspend', 'resume'] },

  vary: {
    'not-offered': { features: [], faults: [] },
    'cannot-rest': { features: ['VIRTIO_F_SUSPEND'], faults: ['suspend-fails'] },
    'cannot-go-on': { features: ['VIRTIO_F_SUSPEND'], faults: ['resume-fails'] },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ features, faults }) => ({ features: [...BASE, ...features], endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.suspend();
    await driver.try.resume();
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
  },

  then(seen, { features }) {
    const answer = seen.answers.find(({ verb }) => verb === 'suspend');
    if (!answer) return;
    if (features.length > 0 && !seen.has('iommu', 'VIRTIO_F_SUSPEND')) {
      seen.notApplicable('The driver does not accept VIRTIO_F_SUSPEND.');
      return;
    }
    const order = seen.of('suspension').find(({ step, seq }) => step === 'suspending' && seq < answer.seq);
    if (!order) return;
    const outcome = seen
      .of('suspension')
      .find(({ step, seq }) => seq > order.seq && (step === 'suspended' || step === 'failed'));
    const reset = seen.of('reset').some(({ device, seq }) => device === 'iommu' && seq > order.seq && seq < answer.seq);
    seen.check(
      'core/driver/suspend/verify-suspended',
      answer.outcome !== 'ok' || outcome?.step === 'suspended' || reset,
      answer,
      "The device set DEVICE_NEEDS_RESET in place of SUSPEND, and 'suspend' was answered with ok.",
    );
  },

  mustCatch: {
    'suspend-without-feature': 'core/driver/suspend/suspend-only-when-running',
    'suspend-not-verified': 'core/driver/suspend/verify-suspended',
  },
});
