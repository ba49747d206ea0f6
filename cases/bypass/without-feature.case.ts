import { defineCase, hex } from '../api/index.ts';

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
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await machine.dma({ endpoint: 'dma', address: 0x10_0000n, access: 'read', label: 'unmapped' });
  },

  then(seen) {
    for (const access of seen.dma('unmapped')) {
      seen.check(
        'platform/isolation/endpoint-confined',
        seen.world.blocked(access),
        access,
        `DMA to ${hex(access.address)}, which was not mapped for the endpoint, goes through; a fault was expected.`,
      );
    }
  },

  mustCatch: {
    'writes-bypass-without-feature': 'core/driver/config/check-feature-before-access',
    'attach-bypass-flag-without-feature': 'iommu/prose/bypass-flag-needs-feature',
  },
});
