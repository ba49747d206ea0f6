import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'bypass/without-feature',
  title: 'Without BYPASS_CONFIG the driver leaves the bypass byte and the BYPASS flag alone, and translates as ever',
  demands:
    'The field bypass exists only if BYPASS_CONFIG is offered, and the BYPASS flag of ATTACH needs the feature accepted. ' +
    'Without it, every domain translates.',
  requirements: [
    'core/driver/config/check-feature-before-access',
    'iommu/prose/bypass-flag-needs-feature',
    'platform/isolation/endpoint-confined',
  ],
  needs: { verbs: ['start', 'attach'] },

  given: () => ({
    features: [
      'VIRTIO_F_VERSION_1',
      'VIRTIO_IOMMU_F_INPUT_RANGE',
      'VIRTIO_IOMMU_F_DOMAIN_RANGE',
      'VIRTIO_IOMMU_F_MAP_UNMAP',
      'VIRTIO_IOMMU_F_PROBE',
    ],
  }),

  async when({ driver, machine }) {
    await driver.try.start();
    const { ok } = await driver.try.attach({ endpoint: 'dma' });
    if (ok) await machine.dma({ endpoint: 'dma', address: 0x10_0000n, access: 'read', label: 'unmapped' });
  },

  then(seen) {
    if (seen.accepted('iommu') === 0n) return;
    const touched = [...seen.of('register-read'), ...seen.of('register-write')].find(
      ({ device, structure, offset, width }) =>
        device === 'iommu' && structure === 'device' && offset <= 36 && offset + width > 36,
    );
    seen.check(
      'core/driver/config/check-feature-before-access',
      touched === undefined,
      touched,
      'The driver accessed bypass, which does not exist: BYPASS_CONFIG is not offered.',
    );
    for (const attach of seen.named('ATTACH')) {
      seen.check(
        'iommu/prose/bypass-flag-needs-feature',
        ((attach.fields.flags ?? 0) & 1) === 0,
        attach,
        `ATTACH of endpoint ${attach.fields.endpoint} has the BYPASS flag; BYPASS_CONFIG is not offered.`,
      );
    }
    for (const access of seen.dma('unmapped')) {
      seen.check(
        'platform/isolation/endpoint-confined',
        access.outcome !== 'ok',
        access,
        `The endpoint read 0x${access.address.toString(16)}, which nobody had mapped for it.`,
      );
    }
  },

  mustCatch: {
    'writes-bypass-without-feature': 'core/driver/config/check-feature-before-access',
    'attach-bypass-flag-without-feature': 'iommu/prose/bypass-flag-needs-feature',
  },
});
