import { defineCase, type DeviceFault, type FeatureName, judgeMapAndUnmap } from '../api/index.ts';

const BASE = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_F_RING_PACKED',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
] as const satisfies readonly FeatureName[];

interface Row {
  readonly features: readonly FeatureName[];
  readonly queueSizes: readonly [number, number];
  readonly faults?: readonly DeviceFault[];
}

const IOVA = 0x10_0000n;
const ROUNDS = 12;
/** Mappings that are left to the end, for the driver to remove in whatever way it likes. */
const LEFT = [0x20_0000n, 0x20_2000n, 0x20_4000n];

export default defineCase({
  id: 'virtqueue/packed-ring',
  title: 'Requests work over packed rings, also when they go round the ring more than once',
  demands:
    'A packed ring has one table that both sides write, and bits that change their meaning with every round. The driver should accept ' +
    'it when it is offered, keeps the order of its writes, and looks for what came back behind whole lists.',
  requirements: [
    'reserved-features/driver/accept-ring-packed',
    'packed/prose/skip-whole-list',
    'packed/prose/buffer-id-in-last',
    'platform/map/exactly-as-asked',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    lists: { features: [], queueSizes: [8, 8] },
    'smallest-queue': { features: [], queueSizes: [4, 4] },
    'large-queue': { features: ['VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'], queueSizes: [1024, 128] },
    'event-index': { features: ['VIRTIO_F_EVENT_IDX'], queueSizes: [8, 8] },
    'indirect-tables': { features: ['VIRTIO_F_INDIRECT_DESC'], queueSizes: [8, 8] },
    'event-index-and-tables': { features: ['VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'], queueSizes: [16, 8] },
    'notification-data': { features: ['VIRTIO_F_NOTIFICATION_DATA'], queueSizes: [8, 8] },
    'both-kinds-of-data': {
      features: ['VIRTIO_F_NOTIFICATION_DATA', 'VIRTIO_F_NOTIF_CONFIG_DATA', 'VIRTIO_F_EVENT_IDX'],
      queueSizes: [8, 8],
    },
    'notifications-suppressed': {
      features: [],
      queueSizes: [8, 8],
      faults: [{ name: 'suppress-notifications' }],
    },
    'late-answers': {
      features: [],
      queueSizes: [4, 4],
      faults: [{ name: 'withhold-completion', request: 'UNMAP' }],
    },
    'answers-out-of-order': {
      features: ['VIRTIO_F_EVENT_IDX'],
      queueSizes: [16, 8],
      faults: [{ name: 'reorder-completions' }],
    },
  } satisfies Readonly<Record<string, Row>>,

  given: ({ features, queueSizes, faults = [] }) => ({
    features: [...BASE, ...features],
    queueSizes,
    endpoints: { dma: {} },
    faults,
  }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    for (let round = 0; round < ROUNDS; round++) {
      const iova = IOVA + BigInt(round) * 0x1000n;
      const mapped = await driver.try.map({ iova, length: 0x1000, access: 'read-write', buffer: 'b' });
      if (!mapped.ok) return;
      await machine.dma({ endpoint: 'dma', address: iova, access: 'read', label: 'mapped' });
      const unmapped = await driver.try.unmap({ iova, length: 0x1000 });
      if (!unmapped.ok) return;
      await machine.dma({ endpoint: 'dma', address: iova, access: 'read', label: 'unmapped' });
    }
    for (const iova of LEFT) await driver.try.map({ iova, length: 0x1000, access: 'read-write', buffer: 'b' });
  },

  then(seen) {
    const negotiation = seen.of('features').find(({ device, kept }) => device === 'iommu' && kept);
    if (!negotiation) return;
    const packed = seen.has('iommu', 'VIRTIO_F_RING_PACKED');
    seen.check(
      'reserved-features/driver/accept-ring-packed',
      packed,
      negotiation,
      'VIRTIO_F_RING_PACKED is offered and not accepted.',
    );
    judgeMapAndUnmap(seen);
    if (!packed) return;
    const lists = seen.of('chain').filter(({ device, descriptors }) => device === 'iommu' && descriptors.length > 1);
    // A table behind one descriptor is skipped by one step, whoever counts.
    if (lists.length === 0 || lists.some(({ descriptors }) => descriptors.at(-1)?.table === 'indirect')) return;
    // Only the last ID of a list counts; that they differ is no mistake, but what a driver that puts it elsewhere shows.
    const differs = lists.some(({ headIndex, descriptors }) => descriptors[0]?.id !== headIndex);
    const requirement = differs ? 'packed/prose/buffer-id-in-last' : 'packed/prose/skip-whole-list';
    for (const verb of ['attach', 'map', 'unmap'] as const) {
      const answer = seen.answers.find((event) => event.verb === verb && event.outcome === 'not-ok');
      const asked = seen.of('verb').findLast((event) => event.verb === verb && event.seq < (answer?.seq ?? 0));
      const sent = seen.requests.filter(({ seq }) => seq > (asked?.seq ?? 0) && seq < (answer?.seq ?? 0));
      const answered = sent.length > 0 && sent.every((request) => seen.answerTo(request)?.status === 0);
      seen.check(
        requirement,
        answer === undefined || !answered,
        answer,
        `'${verb}' fails (${answer?.reason ?? 'no reason given'}) although the device has put OK on the ring, by the ID in the last descriptor of each list.`,
      );
    }
  },

  mustCatch: {
    'ring-packed-not-accepted': 'reserved-features/driver/accept-ring-packed',
    'packed-id-in-first-only': 'packed/prose/buffer-id-in-last',
    'packed-skips-one-slot': 'packed/prose/skip-whole-list',
    'unmap-never-sent': 'platform/map/exactly-as-asked',
  },
});
