import { accessText, defineCase, judgeStale } from '../api/index.ts';

export default defineCase({
  id: 'free/on-stop',
  title: 'When the driver of the IOMMU is taken down, no endpoint keeps a way into memory',
  demands:
    'Taking the IOMMU down frees all domains. With the global bypass off, an endpoint reaches nothing afterwards: neither its old ' +
    'buffers nor anything else.',
  requirements: ['platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'stop', 'io'] },

  given: () => ({ endpoints: { rng: {}, dma: {} }, config: { bypass: 0 }, without: ['reset-keeps-state'] }),

  async when({ driver, machine }) {
    await driver.try.start();
    await driver.try.io({ endpoint: 'rng', length: 64 });
    const { ok } = await driver.try.stop();
    if (ok) await machine.retryAddresses({ endpoint: 'rng', label: 'stale' });
  },

  then(seen) {
    judgeStale(
      seen,
      'platform/free/unmapped-on-release',
      seen.dma('stale'),
      (access) => `After the IOMMU's driver was taken down, a ${accessText(access)} went through; it must fault.`,
    );
  },

  mustCatch: { 'stop-without-reset': 'platform/free/unmapped-on-release' },
});
