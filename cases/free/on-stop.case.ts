import { accessText, defineCase } from '../api/index.ts';

export default defineCase({
  id: 'free/on-stop',
  title: 'When the driver of the IOMMU is taken down, no endpoint keeps access to memory',
  demands:
    'Taking the IOMMU down frees all domains. With the global bypass off, an endpoint reaches nothing afterwards: neither its old ' +
    'buffers nor anything else.',
  requirements: ['platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'stop', 'io'] },

  given: () => ({ endpoints: { rng: {}, dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.io({ endpoint: 'rng', length: 64 });
    await driver.stop();
    await machine.retryAddresses({ endpoint: 'rng', label: 'stale' });
  },

  then(seen) {
    for (const access of seen.dma('stale')) {
      const says = `A DMA ${accessText(access)} still succeeds after the IOMMU's driver was taken down; a fault was expected.`;
      seen.check('platform/free/unmapped-on-release', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: { 'stop-without-reset': 'platform/free/unmapped-on-release' },
});
