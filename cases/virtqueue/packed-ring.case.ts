import {
  defineCase,
  type DeviceFault,
  type FeatureName,
  judgeRoundTrips,
  ringsWith,
  roundTrips,
} from '../api/index.ts';

interface Row {
  /** Without RING_PACKED, which all rows but the control offer as well. */
  readonly features: readonly FeatureName[];
  readonly isSplit?: boolean;
  /** 64 entries each if left out. */
  readonly queueSizes?: readonly [number, number];
  readonly faults?: readonly DeviceFault[];
}

/** Requests for more than 64 entries, so that the ring wraps. */
const ROUNDS = 40;
/** Mappings that are left to the end, for the driver to remove in whatever way it likes. */
const LEFT = [0x20_0000n, 0x20_2000n, 0x20_4000n];

export default defineCase({
  id: 'virtqueue/packed-ring',
  title: 'Requests work over packed rings, also when they wrap around the ring more than once',
  demands:
    'A packed ring has one table that both sides write, and bits that change their meaning with every round. The driver should accept ' +
    'it when it is offered, keeps the order of its writes, and looks for what came back behind whole lists.',
  requirements: [
    'reserved-features/driver/accept-ring-packed',
    'packed/prose/skip-whole-list',
    'packed/prose/buffer-id-in-last',
    'platform/map/exactly-as-asked',
    'platform/free/unmapped-when-freed',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    lists: { features: [] },
    'smallest-queue': { features: [], queueSizes: [4, 4] },
    'three-entries': { features: [], queueSizes: [3, 3] },
    'five-entries': { features: ['VIRTIO_F_EVENT_IDX'], queueSizes: [5, 7] },
    'twelve-entries': { features: ['VIRTIO_F_INDIRECT_DESC'], queueSizes: [12, 65] },
    '65-entries': { features: ['VIRTIO_F_NOTIFICATION_DATA'], queueSizes: [65, 12] },
    'large-queue': { features: ['VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'], queueSizes: [1024, 128] },
    'event-index': { features: ['VIRTIO_F_EVENT_IDX'] },
    'indirect-tables': { features: ['VIRTIO_F_INDIRECT_DESC'] },
    'event-index-and-tables': { features: ['VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'] },
    'notification-data': { features: ['VIRTIO_F_NOTIFICATION_DATA'] },
    'both-kinds-of-data': {
      features: ['VIRTIO_F_NOTIFICATION_DATA', 'VIRTIO_F_NOTIF_CONFIG_DATA', 'VIRTIO_F_EVENT_IDX'],
    },
    'notifications-suppressed': {
      features: [],
      faults: [{ name: 'suppress-notifications' }],
    },
    // So short that it is full while answers are missing.
    'late-answers': {
      features: [],
      queueSizes: [4, 4],
      faults: [{ name: 'withhold-completion', request: 'UNMAP' }],
    },
    'answers-out-of-order': {
      features: ['VIRTIO_F_EVENT_IDX'],
      faults: [{ name: 'reorder-completions' }],
    },
    'split-ring': { features: [], isSplit: true },
  } satisfies Readonly<Record<string, Row>>,

  control: 'split-ring',

  given: ({ features, isSplit = false, queueSizes = [64, 64], faults = [] }: Row) => ({
    ...ringsWith(isSplit ? features : ['VIRTIO_F_RING_PACKED', ...features]),
    queueSizes,
    endpoints: { dma: {} },
    faults,
  }),

  async when(scene) {
    await scene.driver.start();
    await roundTrips(scene, ROUNDS);
    for (const iova of LEFT) await scene.driver.map({ iova, length: 0x1000, access: 'read-write', buffer: 'b' });
  },

  then(seen) {
    // Whether packed rings are accepted, the monitor features judges.
    judgeRoundTrips(seen);
    if (!seen.has('iommu', 'VIRTIO_F_RING_PACKED')) return;
    const lists = seen.of('chain').filter(({ device, descriptors }) => device === 'iommu' && descriptors.length > 1);
    // A table behind one descriptor is skipped by one step, whoever counts.
    if (lists.length === 0 || lists.some(({ descriptors }) => descriptors.at(-1)?.table === 'indirect')) return;
    // Only the last ID of a list counts; that they differ is no mistake, but what a driver that puts it elsewhere shows.
    const differs = lists.some(({ headIndex, descriptors }) => descriptors[0]?.id !== headIndex);
    const requirement = differs ? 'packed/prose/buffer-id-in-last' : 'packed/prose/skip-whole-list';
    for (const { verb, ok, asked, answer } of seen.calls()) {
      const sent = seen.requests.filter(({ seq }) => seq > asked.seq && seq < answer.seq);
      if (sent.length === 0 || !sent.every((request) => seen.answerTo(request)?.status === 0)) continue;
      seen.check(
        requirement,
        ok,
        answer,
        `'${verb}' fails (${answer.reason ?? 'no reason given'}) although the device has put OK on the ring, by the ID in the last descriptor of each list.`,
      );
    }
  },

  mustCatch: {
    'ring-packed-not-accepted': 'reserved-features/driver/accept-ring-packed',
    'packed-id-in-first-only': 'packed/prose/buffer-id-in-last',
    'packed-skips-one-slot': 'packed/prose/skip-whole-list',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
  },
});
