import { accessText, defineCase } from '../api/index.ts';

export default defineCase({
  id: 'free/on-release',
  title: 'When the driver of an endpoint is taken down, none of its rings and buffers stays mapped',
  demands:
    'A driver that is unbound frees its rings and buffers. Every address that its endpoint was ever given has to fault ' +
    'afterwards, the last byte of the last page included.',
  requirements: ['platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'io', 'release'] },

  vary: { rng: { endpoint: 'rng', length: 64 }, disk: { endpoint: 'disk', length: 0x3000 } } as const,

  given: ({ endpoint }) => ({
    ...(endpoint === 'disk' && { topology: 'disk' }),
    endpoints: { [endpoint]: {}, dma: {} },
  }),

  async when({ driver, machine }, { endpoint, length }) {
    await driver.start();
    await driver.io({ endpoint, length });
    await driver.release({ endpoint });
    await machine.retryAddresses({ endpoint, label: 'stale' });
  },

  then(seen) {
    for (const access of seen.dma('stale')) {
      const says = `A DMA ${accessText(access)} still succeeds after the endpoint's driver was taken down; a fault was expected.`;
      seen.check('platform/free/unmapped-on-release', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: {
    'rng-keeps-ring-mapping': 'platform/free/unmapped-on-release',
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
    'rng-keeps-mapping': 'platform/free/unmapped-on-release',
  },
});
