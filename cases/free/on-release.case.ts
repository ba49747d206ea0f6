import { accessText, counted, defineCase, judgeStale } from '../api/index.ts';

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
    config: { bypass: 0 },
  }),

  async when({ driver, machine }, { endpoint, length }) {
    await driver.try.start();
    await driver.try.io({ endpoint, length });
    const { ok } = await driver.try.release({ endpoint });
    if (ok) await machine.retryAddresses({ endpoint, label: 'stale' });
  },

  then(seen) {
    if (seen.driver.passthrough) {
      seen.notApplicable('Endpoints with a driver of their own pass the IOMMU by, as the driver was asked to.');
      return;
    }
    if (seen.driver.lazyUnmap) {
      const reached = seen.dma('stale').filter(({ outcome }) => outcome === 'ok').length;
      seen.untested(
        `The driver unmaps lazily on purpose: ${counted(reached, 'access', 'accesses')} to freed memory still went through.`,
      );
      return;
    }
    judgeStale(
      seen,
      'platform/free/unmapped-on-release',
      seen.dma('stale'),
      (access) =>
        `After the driver of the endpoint was taken down, a ${accessText(access)} went through; it must fault.`,
    );
  },

  mustCatch: {
    'rng-keeps-ring-mapping': 'platform/free/unmapped-on-release',
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
    'rng-keeps-mapping': 'platform/free/unmapped-on-release',
  },
});
