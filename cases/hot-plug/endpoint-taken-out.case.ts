import { accessText, defineCase, judgeStale } from '../api/index.ts';

export default defineCase({
  id: 'hot-plug/endpoint-taken-out',
  title: 'Before an endpoint is taken out, everything that was mapped for it is gone',
  demands:
    'An endpoint that is taken out in order is still there while its driver goes. Every address that it was ever given has to fault ' +
    'afterwards, since whatever takes its place has the same ID.',
  requirements: ['platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'io'], optionalVerbs: ['unplug'] },

  given: () => ({ endpoints: { rng: {}, dma: {} }, config: { bypass: 0 } }),

  async when({ driver, machine }) {
    await driver.try.start();
    await driver.try.io({ endpoint: 'rng' });
    const { ok } = await driver.try.unplug({ endpoint: 'rng' });
    if (ok) await machine.retryAddresses({ endpoint: 'rng', label: 'stale' });
    await machine.removeEndpoint({ endpoint: 'rng' });
  },

  then(seen) {
    if (seen.driver.passthrough) {
      seen.notApplicable('Endpoints with a driver of their own pass the IOMMU by, as the driver was asked to.');
      return;
    }
    if (seen.driver.lazyUnmap) {
      seen.untested('The driver unmaps lazily on purpose.');
      return;
    }
    judgeStale(
      seen,
      'platform/free/unmapped-on-release',
      seen.dma('stale'),
      (access) => `After the endpoint was taken out, a ${accessText(access)} went through; it must fault.`,
    );
  },

  mustCatch: {
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
    'rng-keeps-mapping': 'platform/free/unmapped-on-release',
  },
});
