import { accessText, counted, defineCase, type FeatureName, judgeStale } from '../api/index.ts';
import { departuresFrom, departureText } from './departures.ts';

const OFFERED = ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM', 'VIRTIO_F_RING_RESET'] as const;
const LENGTH = 0x3000;
/** Half of what the device allows; no driver needs more at a time. */
const SIZE = 32;

export default defineCase({
  id: 'free/rings-resized',
  title:
    'Rings that are given another size are mapped before the endpoint knows them, and the old ones do not stay mapped',
  demands:
    'A driver can reset the queues of its device one by one and give them rings of another size. The old ring stays mapped until the ' +
    'queue has been reset, the new one is mapped when the queue is enabled, buffers are handed out anew, and when the driver ' +
    'goes, neither ring can be reached.',
  requirements: [
    'platform/map/reachable-when-exposed',
    'platform/free/not-while-in-use',
    'platform/free/unmapped-on-release',
  ],
  needs: { verbs: ['start', 'io', 'release'], optionalVerbs: ['resize'] },

  vary: {
    'split-rings': { features: [...OFFERED, 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'] },
    'packed-rings': { features: [...OFFERED, 'VIRTIO_F_RING_PACKED'] },
  } satisfies Readonly<Record<string, { readonly features: readonly FeatureName[] }>>,

  given: ({ features }) => ({
    topology: 'net',
    endpoints: { net: { features }, dma: {} },
    config: { bypass: 0 },
  }),

  async when({ driver, machine }) {
    await driver.try.start();
    await driver.try.io({ endpoint: 'net', length: LENGTH });
    const resized = await driver.try.resize({ endpoint: 'net', size: SIZE });
    if (!resized.ok) return;
    await driver.try.io({ endpoint: 'net', length: LENGTH });
    const { ok } = await driver.try.release({ endpoint: 'net' });
    if (ok) await machine.retryAddresses({ endpoint: 'net', label: 'stale' });
  },

  then(seen) {
    if (seen.driver.passthrough) {
      seen.notApplicable('Endpoints with a driver of their own pass the IOMMU by, as the driver was asked to.');
      return;
    }
    const resized = seen.answers.find(({ verb }) => verb === 'resize');
    if (resized?.outcome !== 'ok') {
      seen.notApplicable(
        `The driver did not give the rings another size: ${resized?.reason ?? 'it was not asked to'}.`,
      );
      return;
    }
    const asked = seen.of('verb').find(({ verb }) => verb === 'resize');
    const isDuring = ({ seq }: { readonly seq: number }): boolean => asked !== undefined && seq > asked.seq;
    for (const exposed of seen.of('exposed').filter((event) => event.endpoint === 'net' && isDuring(event))) {
      const { what, address, length, access, reachable } = exposed;
      seen.check(
        'platform/map/reachable-when-exposed',
        reachable,
        exposed,
        `The ${what} at 0x${address.toString(16)}, ${counted(length, 'byte')}, was made known to the endpoint after the rings were given another size, and it cannot ${access} there.`,
      );
    }
    for (const departure of departuresFrom(seen, 'net')) {
      const isFree = departure.taken === undefined;
      seen.check('platform/free/not-while-in-use', isFree, departure.request, departureText(departure));
    }
    if (seen.driver.lazyUnmap) return;
    judgeStale(
      seen,
      'platform/free/unmapped-on-release',
      seen.dma('stale'),
      (access) =>
        `When the driver had been taken down, a ${accessText(access)} went through, where one of its rings or buffers was; it must fault.`,
    );
  },

  mustCatch: {
    'resized-ring-not-mapped': 'platform/map/reachable-when-exposed',
    'refill-not-mapped': 'platform/map/reachable-when-exposed',
    'ring-unmapped-before-queue-reset': 'platform/free/not-while-in-use',
    'old-ring-stays-mapped': 'platform/free/unmapped-on-release',
  },
});
