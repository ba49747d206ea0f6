import { defineCase, describedId } from '../api/index.ts';

const ID = describedId('rng', 'masked') ?? 0;

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
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.io({ endpoint: 'rng' });
    await driver.try.attach({ endpoint: 'dma2', domain: 'another' });
    await driver.try.io({ endpoint: 'rng' });
  },

  then(seen) {
    const attach = seen.answers.find(({ verb }) => verb === 'attach');
    const accesses = seen.of('dma').filter(({ endpoint, cause }) => endpoint === 'rng' && cause === 'virtqueue');
    if (!attach || accesses.length === 0) return;
    const lost = accesses.find(({ outcome }) => outcome === 'fault');
    seen.check(
      'platform/device-tree/shared-id-shares-domain',
      lost === undefined,
      lost ?? attach,
      `rng, in use, no longer reaches its ring or buffer at 0x${lost?.address.toString(16)}: dma2, the same endpoint 0x${ID.toString(16)}, was attached elsewhere.`,
    );
  },

  mustCatch: { 'shared-id-moved-in-use': 'platform/device-tree/shared-id-shares-domain' },
});
