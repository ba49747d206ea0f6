import { counted, defineCase, type FeatureName } from '../api/index.ts';

const OFFERED = ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM'] as const satisfies readonly FeatureName[];

interface Row {
  /** `rng` if left out. */
  readonly endpoint?: 'disk' | 'net';
  readonly lengths: readonly number[];
  readonly features: readonly FeatureName[];
}

const endpointOf = ({ endpoint }: Pick<Row, 'endpoint'>): 'rng' | 'disk' | 'net' => endpoint ?? 'rng';

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
    'one-short-transfer': { lengths: [16], features: [...OFFERED, 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'] },
    'several-transfers': {
      lengths: [64, 1, 64],
      features: [...OFFERED, 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'],
    },
    'packed-ring': { lengths: [64, 1, 64], features: [...OFFERED, 'VIRTIO_F_RING_PACKED'] },
    'packed-ring-with-event-index': {
      lengths: [64, 1, 64],
      features: [...OFFERED, 'VIRTIO_F_RING_PACKED', 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'],
    },
    disk: {
      endpoint: 'disk',
      lengths: [512, 0x8000],
      features: [...OFFERED, 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'],
    },
    'disk-packed-ring': { endpoint: 'disk', lengths: [512, 0x3000], features: [...OFFERED, 'VIRTIO_F_RING_PACKED'] },
    'network-card': {
      endpoint: 'net',
      lengths: [64, 0x8000],
      features: [...OFFERED, 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'],
    },
    'network-card-packed-rings': {
      endpoint: 'net',
      lengths: [64, 0x8000],
      features: [...OFFERED, 'VIRTIO_F_RING_PACKED'],
    },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ features, ...row }) =>
    'endpoint' in row
      ? { topology: row.endpoint, endpoints: { [row.endpoint]: { features }, dma: {} } }
      : { endpoints: { rng: { features }, dma: {} } },

  async when({ driver }, { lengths, ...row }) {
    await driver.try.start();
    for (const length of lengths) await driver.try.io({ endpoint: endpointOf(row), length });
  },

  then(seen, row) {
    const slot = endpointOf(row);
    const negotiation = seen.of('features').findLast(({ device }) => device === slot);
    if (!negotiation) return;
    const accepted = seen.has(slot, 'VIRTIO_F_ACCESS_PLATFORM');
    seen.check(
      'reserved-features/driver/accept-access-platform',
      accepted,
      negotiation,
      'The driver of the endpoint did not accept ACCESS_PLATFORM, which was offered.',
    );
    const exposed = seen.of('exposed').filter(({ endpoint }) => endpoint === slot);
    for (const address of exposed) {
      const { what, access, length, reachable } = address;
      const says = `The ${what} at 0x${address.address.toString(16)}, ${counted(length, 'byte')}, was made known to the endpoint, but it cannot ${access} there: it must be mapped first.`;
      seen.check('reserved-features/driver/iommu-setup-for-access-platform', reachable, address, says);
      seen.check('platform/map/reachable-when-exposed', reachable, address, says);
      seen.check('iommu/safety/map-before-dma', reachable, address, says);
    }
    // A table that cannot be read tells the endpoint of nothing.
    for (const access of seen.of('dma').filter(({ endpoint, cause }) => endpoint === slot && cause === 'virtqueue')) {
      const says = `A ${access.access} at 0x${access.address.toString(16)}, which the driver had told the endpoint to make, found nothing mapped.`;
      seen.check('platform/map/reachable-when-exposed', access.outcome !== 'fault', access, says);
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
