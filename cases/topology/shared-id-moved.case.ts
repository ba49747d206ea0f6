import { defineCase } from '../api/index.ts';
import { judgeKept } from './kept-mappings.ts';

export default defineCase({
  id: 'topology/shared-id-moved',
  title: 'A function is not taken to another domain while one with the same endpoint ID is in use',
  demands:
    'The IOMMU cannot tell functions with one endpoint ID apart: an ATTACH for one moves the other as well. A driver that is asked ' +
    'to hand one of them over refuses as long as the other is in use, or takes the driver of the other down before.',
  requirements: ['platform/device-tree/shared-id-shares-domain'],
  needs: { verbs: ['start', 'io', 'attach'] },

  given: () => ({ topology: 'masked', endpoints: { rng: {}, dma2: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
    // Refusing it is right, and so is taking the driver of rng down before.
    await driver.try.attach({ endpoint: 'dma2', domain: 'another' });
    await driver.try.io({ endpoint: 'rng' });
  },

  then(seen) {
    if (seen.calls('attach').length > 0) judgeKept(seen, 'platform/device-tree/shared-id-shares-domain', 'rng');
  },

  mustCatch: { 'shared-id-moved-in-use': 'platform/device-tree/shared-id-shares-domain' },
});
