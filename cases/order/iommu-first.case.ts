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
    await driver.try.start();
    await driver.try.io({ endpoint: 'rng' });
  },

  then(seen) {
    const up = seen
      .of('register-write')
      .filter(
        ({ structure, field, value }) =>
          structure === 'common' && field === 'device_status' && (value & DRIVER_OK) !== 0n,
      );
    const endpointUp = up.find(({ device }) => device === 'rng');
    if (!endpointUp) return;
    const iommuUp = up.find(({ device }) => device === 'iommu');
    const attached = seen
      .named('ATTACH')
      .map((attach) => seen.answerTo(attach))
      .find((answer) => answer?.status === 0);
    const inOrder =
      iommuUp !== undefined && iommuUp.seq < endpointUp.seq && attached !== undefined && attached.seq < endpointUp.seq;
    const says = `The endpoint's driver set DRIVER_OK ${iommuUp && iommuUp.seq < endpointUp.seq ? 'before any ATTACH had succeeded' : 'before the IOMMU was up'}.`;
    seen.check('platform/order/no-dma-before-iommu', inOrder, endpointUp, says);
    seen.check('topology/prose/order', inOrder, endpointUp, says);
  },

  mustCatch: {
    'endpoint-before-iommu': 'platform/order/no-dma-before-iommu',
    'attach-skipped': 'topology/prose/order',
  },
});
