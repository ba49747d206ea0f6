import { defineCase } from '../api/index.ts';

const DRIVER_OK = 4n;

export default defineCase({
  id: 'order/iommu-first',
  title: "An endpoint's driver starts only after the IOMMU is up and the endpoint has been attached",
  demands:
    'A described endpoint depends on its IOMMU. If its driver starts before the IOMMU is in use and the endpoint attached, ' +
    'its first DMA goes astray: blocked, or past the IOMMU if the machine booted in bypass.',
  requirements: ['platform/order/no-dma-before-iommu', 'topology/prose/order'],
  needs: { verbs: ['start', 'io'] },

  vary: { 'bypass-off-at-boot': 0, 'bypass-on-at-boot': 1 } as const,

  given: (bypass) => ({ endpoints: { rng: {} }, config: { bypass } }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
  },

  then(seen) {
    const up = seen
      .of('register-write')
      .find(
        ({ device, structure, field, value }) =>
          device === 'rng' && structure === 'common' && field === 'device_status' && (value & DRIVER_OK) !== 0n,
      );
    if (!up) return;
    const isAttached = seen.world.attached('rng', up);
    const says = "The endpoint's driver set DRIVER_OK before the endpoint had been attached to a domain.";
    seen.check('platform/order/no-dma-before-iommu', isAttached, up, says);
    seen.check('topology/prose/order', isAttached, up, says);
  },

  mustCatch: {
    'endpoint-before-iommu': 'platform/order/no-dma-before-iommu',
    'attach-skipped': 'topology/prose/order',
  },
});
