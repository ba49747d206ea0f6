import { accessText, counted, defineCase, type FeatureName, hex } from '../api/index.ts';
import { judgeRemovals } from './mapping-removals.ts';

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

  given: ({ features }) => ({ topology: 'net', endpoints: { net: { features }, dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    await driver.try.io({ endpoint: 'net', length: LENGTH });
    await driver.resize({ endpoint: 'net', size: SIZE });
    await driver.try.io({ endpoint: 'net', length: LENGTH });
    await driver.release({ endpoint: 'net' });
    await machine.retryAddresses({ endpoint: 'net', label: 'stale' });
  },

  then(seen) {
    const [resize] = seen.calls('resize');
    if (!resize?.ok) return;
    for (const exposed of seen.of('exposed').filter(({ seq }) => seq > resize.asked.seq)) {
      const { what, address, length, access } = exposed;
      seen.check(
        'platform/map/reachable-when-exposed',
        seen.world.reachable(exposed),
        exposed,
        `The ${what} at ${hex(address)}, ${counted(length, 'byte')}, is made known to the endpoint after the resize, and is not mapped for ${access}.`,
      );
    }
    judgeRemovals(seen, 'net');
    for (const access of seen.dma('stale')) {
      const says = `A DMA ${accessText(access)} still succeeds after the endpoint's driver was taken down, to what was one of its rings or buffers; a fault was expected.`;
      seen.check('platform/free/unmapped-on-release', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: {
    'resized-ring-not-mapped': 'platform/map/reachable-when-exposed',
    'refill-not-mapped': 'platform/map/reachable-when-exposed',
    'ring-unmapped-before-queue-reset': 'platform/free/not-while-in-use',
    'old-ring-stays-mapped': 'platform/free/unmapped-on-release',
  },
});
