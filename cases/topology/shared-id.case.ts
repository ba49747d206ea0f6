import { defineCase, judgeAttached } from '../api/index.ts';
import { judgeKept } from './kept-mappings.ts';

export default defineCase({
  id: 'topology/shared-id',
  title: 'Functions that a mask makes one endpoint share a domain',
  demands:
    'iommu-map-mask hides bits of the requester ID, so that the IOMMU cannot tell two functions apart. They are one endpoint and in ' +
    'one domain: a driver that attaches them to two takes the mappings away from the first when it attaches the second.',
  requirements: ['platform/device-tree/iommu-map-mask', 'platform/device-tree/shared-id-shares-domain'],
  needs: { verbs: ['start', 'io'] },

  given: () => ({ topology: 'masked', endpoints: { rng: {}, gap: {}, dma2: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
    await driver.io({ endpoint: 'rng' });
  },

  then(seen) {
    judgeAttached(seen, ['platform/device-tree/iommu-map-mask'], ['rng', 'gap', 'dma2']);
    judgeKept(seen, 'platform/device-tree/shared-id-shares-domain', 'rng');
  },

  mustCatch: {
    'iommu-map-mask-ignored': 'platform/device-tree/iommu-map-mask',
    'shared-id-in-two-domains': 'platform/device-tree/shared-id-shares-domain',
  },
});
