import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'free/on-stop',
  title: 'When the driver of the IOMMU is taken down, no endpoint keeps a way into memory',
  demands:
    'Taking the IOMMU down frees all domains. With the global bypass off, an endpoint reaches nothing afterwards: neither its old ' +
    'buffers nor anything else.',
  requirements: ['platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'stop', 'io'] },

  given: () => ({ endpoints: { rng: {}, dma: {} }, config: { bypass: 0 } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.io({ endpoint: 'rng', length: 64 });
    const { ok } = await driver.stop();
    if (ok) await machine.retryAddresses({ endpoint: 'rng', label: 'stale' });
  },

  then(seen) {
    if (
      seen
        .of('register-write')
        .some(
          ({ device, structure, offset, value }) =>
            device === 'iommu' && structure === 'device' && offset === 36 && value === 1n,
        )
    ) {
      seen.untested('The driver has switched the global bypass on.');
      return;
    }
    for (const access of seen.dma('stale')) {
      seen.check(
        'platform/free/unmapped-on-release',
        access.outcome === 'fault',
        access,
        `After the IOMMU's driver was taken down, a ${access.access} at 0x${access.address.toString(16)} went through; it must fault.`,
      );
    }
  },

  mustCatch: { 'stop-without-reset': 'platform/free/unmapped-on-release' },
});
