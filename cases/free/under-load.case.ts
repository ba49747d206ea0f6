import { accessText, defineCase } from '../api/index.ts';
import { judgeRemovals } from './mapping-removals.ts';

export default defineCase({
  id: 'free/under-load',
  title: 'A driver that is taken down in the middle of transfers stops its endpoint first, and leaves nothing mapped',
  demands:
    'The driver is unbound while its endpoint is at work: the rings hold buffers that are to be written, buffers that are to be read, ' +
    'and tables that list them. Nothing of it may be unmapped before the endpoint has given it back or has been reset, and ' +
    'everything has to be unmapped when the driver is gone.',
  requirements: ['platform/free/not-while-in-use', 'platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'io', 'release'] },

  vary: {
    'network-card': { topology: 'net', endpoint: 'net', length: 0x4000 },
    disk: { topology: 'disk', endpoint: 'disk', length: 0x8000 },
  } as const,

  given: ({ topology, endpoint }) => ({ topology, endpoints: { [endpoint]: {}, dma: {} } }),

  async when({ driver, machine }, { endpoint, length }) {
    await driver.start();
    await driver.io({ endpoint, length, background: true });
    await driver.release({ endpoint });
    await machine.retryAddresses({ endpoint, label: 'stale' });
  },

  then(seen, { endpoint }) {
    if (seen.calls('release').length === 0) return;
    judgeRemovals(seen, endpoint);
    for (const access of seen.dma('stale')) {
      const says = `A DMA ${accessText(access)} still succeeds after the endpoint's driver was taken down at work; a fault was expected.`;
      seen.check('platform/free/unmapped-on-release', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: {
    'rng-reset-after-unmap': 'platform/free/not-while-in-use',
    'rng-not-reset': 'platform/free/not-while-in-use',
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
    'rng-keeps-ring-mapping': 'platform/free/unmapped-on-release',
    'in-flight-stays-mapped': 'platform/free/unmapped-on-release',
  },
});
