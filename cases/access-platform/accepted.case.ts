import { defineCase, type FeatureName, hex, judgeExposures } from '../api/index.ts';

interface Row {
  /** Transfers of so many bytes. */
  readonly lengths: readonly number[];
  readonly rings: readonly FeatureName[];
  /** `rng` if left out; the others have topologies of their own. */
  readonly endpoint?: 'rng' | 'disk' | 'net';
}

const SPLIT = ['VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'] as const;
const PACKED = ['VIRTIO_F_RING_PACKED'] as const;

export default defineCase({
  id: 'access-platform/accepted',
  title: 'Every address given to a device with ACCESS_PLATFORM is mapped, in the right direction, when it is given',
  demands:
    'Once the driver of an endpoint has accepted ACCESS_PLATFORM, ring addresses and buffers are IOVAs. Each has to be ' +
    'mapped in the domain of the endpoint at the moment at which the endpoint learns of it: readable where the endpoint ' +
    'reads, writable where it writes.',
  requirements: [
    'reserved-features/driver/iommu-setup-for-access-platform',
    'reserved-features/driver/accept-access-platform',
    'platform/map/reachable-when-exposed',
    'iommu/safety/map-before-dma',
  ],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'one-short-transfer': { lengths: [16], rings: SPLIT },
    'several-transfers': { lengths: [64, 1, 64], rings: SPLIT },
    'packed-ring': { lengths: [64, 1, 64], rings: PACKED },
    'packed-ring-with-event-index': { lengths: [64, 1, 64], rings: [...PACKED, ...SPLIT] },
    disk: { endpoint: 'disk', lengths: [512, 0x8000], rings: SPLIT },
    'disk-packed-ring': { endpoint: 'disk', lengths: [512, 0x3000], rings: PACKED },
    'network-card': { endpoint: 'net', lengths: [64, 0x8000], rings: SPLIT },
    'network-card-packed-rings': { endpoint: 'net', lengths: [64, 0x8000], rings: PACKED },
  } as const satisfies Readonly<Record<string, Row>>,

  given: ({ endpoint = 'rng', rings }: Row) => ({
    topology: endpoint === 'rng' ? 'plain' : endpoint,
    endpoints: {
      [endpoint]: { features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM', ...rings] },
      dma: {},
    },
  }),

  async when({ driver }, { endpoint = 'rng', lengths }: Row) {
    await driver.start();
    for (const length of lengths) await driver.io({ endpoint, length });
  },

  then(seen, { endpoint: slot = 'rng' }: Row) {
    const negotiation = seen.of('features').findLast(({ device }) => device === slot);
    if (!negotiation) return;
    const accepted = seen.has(slot, 'VIRTIO_F_ACCESS_PLATFORM');
    seen.check(
      'reserved-features/driver/accept-access-platform',
      accepted,
      negotiation,
      'The driver of the endpoint did not accept ACCESS_PLATFORM, which was offered.',
    );
    judgeExposures(seen, ['iommu/safety/map-before-dma'], slot);
    if (accepted) judgeExposures(seen, ['reserved-features/driver/iommu-setup-for-access-platform'], slot);
    // A table that cannot be read tells the endpoint of nothing.
    for (const access of seen.of('dma').filter(({ endpoint, cause }) => endpoint === slot && cause === 'virtqueue')) {
      const says = `A ${access.access} at ${hex(access.address)}, which the driver had told the endpoint to make, found nothing mapped.`;
      seen.check('platform/map/reachable-when-exposed', seen.world.reached(access), access, says);
    }
  },

  mustCatch: {
    'rng-physical-addresses': 'reserved-features/driver/iommu-setup-for-access-platform',
    'rng-ring-not-mapped': [
      'platform/map/reachable-when-exposed',
      'reserved-features/driver/iommu-setup-for-access-platform',
    ],
    'rng-buffer-not-mapped': 'platform/map/reachable-when-exposed',
    'second-ring-not-mapped': 'platform/map/reachable-when-exposed',
    'refill-not-mapped': 'platform/map/reachable-when-exposed',
    'table-not-mapped': 'platform/map/reachable-when-exposed',
    'rng-buffer-mapped-read-only': 'platform/map/reachable-when-exposed',
    'no-access-platform': 'reserved-features/driver/accept-access-platform',
    'map-never-sent': 'iommu/safety/map-before-dma',
    'rng-buffer-descriptor-readable': 'platform/map/reachable-when-exposed',
    'rng-unmaps-before-completion': 'iommu/safety/map-before-dma',
  },
});
