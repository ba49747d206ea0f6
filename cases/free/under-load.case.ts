import { accessText, defineCase, judgeStale } from '../api/index.ts';
import { departuresFrom, departureText } from './departures.ts';

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

  given: ({ topology, endpoint }) => ({
    topology,
    endpoints: { [endpoint]: {}, dma: {} },
    config: { bypass: 0 },
  }),

  async when({ driver, machine }, { endpoint, length }) {
    await driver.try.start();
    const begun = await driver.try.io({ endpoint, length, background: true });
    if (!begun.ok) return;
    const { ok } = await driver.try.release({ endpoint });
    if (ok) await machine.retryAddresses({ endpoint, label: 'stale' });
  },

  then(seen, { endpoint }) {
    if (seen.driver.passthrough) {
      seen.notApplicable('Endpoints with a driver of their own pass the IOMMU by, as the driver was asked to.');
      return;
    }
    const begun = seen.answers.find(({ verb }) => verb === 'io');
    if (begun?.outcome !== 'ok') {
      seen.untested(`No transfers were under way: ${begun?.reason ?? 'the driver was not asked for any'}.`);
      return;
    }
    for (const departure of departuresFrom(seen, endpoint)) {
      const isFree = departure.taken === undefined;
      seen.check('platform/free/not-while-in-use', isFree, departure.request, departureText(departure));
    }
    if (seen.driver.lazyUnmap) return;
    judgeStale(
      seen,
      'platform/free/unmapped-on-release',
      seen.dma('stale'),
      (access) =>
        `After the driver of the endpoint was taken down at work, a ${accessText(access)} went through; it must fault.`,
    );
  },

  mustCatch: {
    'rng-reset-after-unmap': 'platform/free/not-while-in-use',
    'rng-not-reset': 'platform/free/not-while-in-use',
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
    'rng-keeps-ring-mapping': 'platform/free/unmapped-on-release',
    'in-flight-stays-mapped': 'platform/free/unmapped-on-release',
  },
});
