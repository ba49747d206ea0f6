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
  title: 'A device that refuses to suspend is not taken for suspended, and one without the feature is not asked to',
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
    await driver.start();
    await driver.try.suspend();
    await driver.try.resume();
    await driver.try.attach({ endpoint: 'dma' });
    await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write' });
  },

  then(seen) {
    for (const { ok, asked, answer } of seen.calls('suspend')) {
      const isDuring = ({ seq }: { readonly seq: number }): boolean => asked.seq < seq && seq < answer.seq;
      const steps = new Set(
        seen
          .of('suspension')
          .filter(isDuring)
          .map(({ step }) => step),
      );
      const isReset = seen.of('reset').some((reset) => reset.device === 'iommu' && isDuring(reset));
      seen.check(
        'core/driver/suspend/verify-suspended',
        steps.has('suspending') ? !ok || steps.has('suspended') || isReset : undefined,
        answer,
        "The device set DEVICE_NEEDS_RESET in place of SUSPEND, and 'suspend' is answered with ok.",
      );
    }
  },

  mustCatch: {
    'suspend-without-feature': 'core/driver/suspend/suspend-only-when-running',
    'suspend-not-verified': 'core/driver/suspend/verify-suspended',
  },
});
