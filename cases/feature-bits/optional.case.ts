import { defineCase, type FeatureName } from '../api/index.ts';

const ALL = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_F_EVENT_IDX',
  'VIRTIO_F_INDIRECT_DESC',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_PROBE',
  'VIRTIO_IOMMU_F_MMIO',
  'VIRTIO_IOMMU_F_BYPASS_CONFIG',
] as const satisfies readonly FeatureName[];

const NEEDED: readonly FeatureName[] = ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_MAP_UNMAP'];

const without = (...absent: readonly FeatureName[]): readonly FeatureName[] =>
  ALL.filter((feature) => !absent.includes(feature));

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'feature-bits/optional',
  title: 'The driver works without each of the optional features, and uses none that is not there',
  demands:
    'Every feature but VERSION_1 and MAP_UNMAP may be missing. The driver falls back to the behaviour without it: it does not ' +
    'touch the fields, flags and requests that belong to the feature, and takes absent ranges as unlimited.',
  requirements: [
    'core/driver/features/backward-compat-mode',
    'core/driver/features/only-offered',
    'core/driver/config/check-feature-before-access',
    'iommu/prose/probe-needs-feature',
    'iommu/prose/domain-range-absent',
    'iommu/prose/input-range-absent',
    'iommu/prose/bypass-flag-needs-feature',
    'split/driver/indirect/indirect-needs-feature',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    all: without(),
    'no-input-range': without('VIRTIO_IOMMU_F_INPUT_RANGE'),
    'no-domain-range': without('VIRTIO_IOMMU_F_DOMAIN_RANGE'),
    'no-probe': without('VIRTIO_IOMMU_F_PROBE'),
    'no-mmio': without('VIRTIO_IOMMU_F_MMIO'),
    'no-bypass-config': without('VIRTIO_IOMMU_F_BYPASS_CONFIG'),
    'no-event-idx': without('VIRTIO_F_EVENT_IDX'),
    'no-indirect': without('VIRTIO_F_INDIRECT_DESC'),
    'none-of-them': ALL.filter((feature) => NEEDED.includes(feature)),
  },

  given: (features) => ({ features, endpoints: { dma: {}, dma2: {} } }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma', domain: 'd1' });
    await driver.try.attach({ endpoint: 'dma2', domain: 'd2' });
    await driver.try.map({ domain: 'd1', iova: IOVA, length: 0x1000, access: 'read-write' });
    await driver.try.unmap({ domain: 'd1', iova: IOVA, length: 0x1000 });
  },

  then(seen, features) {
    const negotiation = seen.of('features').find(({ device, kept }) => device === 'iommu' && kept);
    if (!negotiation) return;
    const absent = ALL.filter((feature) => !features.includes(feature));
    const failed = seen.answers.find(({ verb, outcome }) => verb !== 'stop' && outcome === 'not-ok');
    // What fails with all features does not fail for the lack of one.
    if (absent.length === 0) return;
    seen.check(
      'core/driver/features/backward-compat-mode',
      failed === undefined,
      failed ?? negotiation,
      `Without ${absent.join(', ')}, '${failed?.verb}' fails: ${failed?.reason ?? 'no reason given'}.`,
    );
    if (failed?.verb === 'start') return;
    // Where the device refused nothing, the driver's own idea of the ranges is what stopped it.
    const answers = seen.requests.map((request) => seen.answerTo(request)?.status);
    if (answers.length === 0 || answers.some((status) => status !== 0)) return;
    const attach = seen.answers.find(({ verb, outcome }) => verb === 'attach' && outcome === 'not-ok');
    if (absent.includes('VIRTIO_IOMMU_F_DOMAIN_RANGE')) {
      seen.check(
        'iommu/prose/domain-range-absent',
        attach === undefined,
        attach ?? negotiation,
        'Without DOMAIN_RANGE any domain is allowed, and two domains could not be had.',
      );
    }
    if (absent.includes('VIRTIO_IOMMU_F_INPUT_RANGE') && attach === undefined) {
      const map = seen.answers.find(({ verb, outcome }) => verb === 'map' && outcome === 'not-ok');
      seen.check(
        'iommu/prose/input-range-absent',
        map === undefined,
        map ?? negotiation,
        `Without INPUT_RANGE every address can be mapped, and 0x${IOVA.toString(16)} could not be.`,
      );
    }
  },

  mustCatch: {
    'accepts-unoffered-bit': 'core/driver/features/only-offered',
    'input-range-without-feature': 'iommu/prose/input-range-absent',
    'domain-range-without-feature': 'iommu/prose/domain-range-absent',
    'probe-without-feature': 'iommu/prose/probe-needs-feature',
    'attach-bypass-flag-without-feature': 'iommu/prose/bypass-flag-needs-feature',
    'map-mmio-without-feature': 'core/driver/features/backward-compat-mode',
    'indirect-without-feature': 'split/driver/indirect/indirect-needs-feature',
  },
});
