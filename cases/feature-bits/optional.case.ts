import { DEFAULT_FEATURES, defineCase, type FeatureName, hex } from '../api/index.ts';

const NEEDED: readonly FeatureName[] = ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_MAP_UNMAP'];

const without = (...absent: readonly FeatureName[]): readonly FeatureName[] =>
  DEFAULT_FEATURES.filter((feature) => !absent.includes(feature));

const IOVA = 0x10_0000n;

const REQUIREMENTS = [
  'core/driver/features/backward-compat-mode',
  'core/driver/features/only-offered',
  'core/driver/config/check-feature-before-access',
  'iommu/driver/map/no-mmio-flag-without-feature',
  'iommu/prose/probe-needs-feature',
  'iommu/prose/domain-range-absent',
  'iommu/prose/input-range-absent',
  'iommu/prose/bypass-flag-needs-feature',
  'platform/map/exactly-as-asked',
  'split/driver/indirect/indirect-needs-feature',
] as const;

export default defineCase({
  id: 'feature-bits/optional',
  title: 'The driver works without each of the optional features, and uses none that is not there',
  demands:
    'Every feature but VERSION_1 and MAP_UNMAP may be missing. The driver falls back to the behaviour without it: it does not ' +
    'touch the fields, flags and requests that belong to the feature, and takes absent ranges as unlimited.',
  requirements: REQUIREMENTS,
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
    'none-of-them': DEFAULT_FEATURES.filter((feature) => NEEDED.includes(feature)),
  },

  control: 'all',

  given: (features) => ({ features, endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma', domain: 'd1' });
    await driver.attach({ endpoint: 'dma2', domain: 'd2' });
    await driver.map({ domain: 'd1', iova: IOVA, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'mapped' });
    await driver.unmap({ domain: 'd1', iova: IOVA, length: 0x1000 });
  },

  then(seen, features) {
    const absent = DEFAULT_FEATURES.filter((feature) => !features.includes(feature));
    const failed = seen.calls().find(({ verb, ok }) => verb !== 'stop' && !ok);
    // What fails with all features does not fail for the lack of one.
    if (failed && absent.length === 0) return;
    for (const access of seen.dma('mapped')) {
      const says = `DMA to ${hex(IOVA)} faults although the driver has mapped it.`;
      seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
    }
    const negotiation = seen.of('features').find(({ device, kept }) => device === 'iommu' && kept);
    if (!negotiation || absent.length === 0) return;
    const judge = (id: (typeof REQUIREMENTS)[number], holds: boolean, says: string): void =>
      seen.check(id, holds, failed?.answer ?? negotiation, says);
    judge(
      'core/driver/features/backward-compat-mode',
      failed === undefined,
      `Without ${absent.join(', ')}, '${failed?.verb}' fails: ${failed?.answer.reason ?? 'no reason given'}.`,
    );
    // Where the device refused nothing, the driver's own idea of the ranges is what stopped it.
    const statuses = seen.requests.map((request) => seen.answerTo(request)?.status);
    if (failed?.verb === 'start' || statuses.some((status) => status !== 0)) return;
    const isAttached = failed?.verb !== 'attach';
    if (absent.includes('VIRTIO_IOMMU_F_DOMAIN_RANGE')) {
      const says = 'Without DOMAIN_RANGE any domain is allowed, and two domains could not be had.';
      judge('iommu/prose/domain-range-absent', isAttached, says);
    }
    if (absent.includes('VIRTIO_IOMMU_F_INPUT_RANGE') && isAttached) {
      const says = `Without INPUT_RANGE every address can be mapped, and ${hex(IOVA)} could not be.`;
      judge('iommu/prose/input-range-absent', failed?.verb !== 'map', says);
    }
  },

  mustCatch: {
    'accepts-unoffered-bit': 'core/driver/features/only-offered',
    'input-range-without-feature': ['iommu/prose/input-range-absent', 'core/driver/features/backward-compat-mode'],
    'domain-range-without-feature': 'iommu/prose/domain-range-absent',
    'probe-without-feature': 'iommu/prose/probe-needs-feature',
    'attach-bypass-flag-without-feature': 'iommu/prose/bypass-flag-needs-feature',
    'map-mmio-without-feature': 'iommu/driver/map/no-mmio-flag-without-feature',
    'indirect-without-feature': 'split/driver/indirect/indirect-needs-feature',
  },
});
