import { accessText, defineCase } from '../api/index.ts';

export default defineCase({
  id: 'hot-plug/endpoint-taken-out',
  title: 'Before an endpoint is taken out, everything that was mapped for it is gone',
  demands:
    'An endpoint that is taken out in order is still there while its driver goes. Every address that it was ever given has to fault ' +
    'afterwards, since whatever takes its place has the same ID.',
  requirements: ['platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'io'], optionalVerbs: ['unplug'] },

  given: () => ({ endpoints: { rng: {}, dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.io({ endpoint: 'rng' });
    await driver.unplug({ endpoint: 'rng' });
    await machine.retryAddresses({ endpoint: 'rng', label: 'stale' });
    await machine.removeEndpoint({ endpoint: 'rng' });
  },

  then(seen) {
    for (const access of seen.dma('stale')) {
      const says = `A DMA ${accessText(access)} still succeeds after the endpoint was taken out; a fault was expected.`;
      seen.check('platform/free/unmapped-on-release', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: {
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
    'rng-keeps-mapping': 'platform/free/unmapped-on-release',
  },
});
