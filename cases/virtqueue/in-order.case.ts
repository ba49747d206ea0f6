import { defineCase, type FeatureName, ringsWith, type Seen } from '../api/index.ts';

const IOVA = 0x10_0000n;
const PAGES = 5;

export default defineCase({
  id: 'virtqueue/in-order',
  title: 'A driver that accepts IN_ORDER understands one used entry for several requests',
  demands:
    'With IN_ORDER the device may return a batch of buffers by one used entry, which names the last of them. A driver that waits for ' +
    'an entry of each buffer waits for ever. A driver may leave the feature alone.',
  requirements: ['split/prose/in-order-batch', 'packed/prose/in-order-batch', 'split/prose/in-order-descriptors'],
  needs: { verbs: ['start', 'attach', 'detach', 'map'] },

  vary: {
    split: [],
    'split-with-tables': ['VIRTIO_F_INDIRECT_DESC'],
    'split-with-event-index': ['VIRTIO_F_EVENT_IDX'],
    packed: ['VIRTIO_F_RING_PACKED'],
    'packed-with-tables': ['VIRTIO_F_RING_PACKED', 'VIRTIO_F_INDIRECT_DESC', 'VIRTIO_F_EVENT_IDX'],
  } satisfies Readonly<Record<string, readonly FeatureName[]>>,

  given: (features) => ({
    ...ringsWith(['VIRTIO_F_IN_ORDER', ...features]),
    queueSizes: [64, 64],
    endpoints: { dma: {} },
    faults: ['batch-used-entries'],
  }),

  async when({ driver }) {
    await driver.start();
    // A domain that comes back to life is the occasion to send several requests at once.
    await driver.attach({ endpoint: 'dma' });
    for (let page = 0; page < PAGES; page++) {
      await driver.map({ iova: IOVA + BigInt(page) * 0x2000n, length: 0x1000, access: 'read-write' });
    }
    await driver.detach({ endpoint: 'dma' });
    await driver.attach({ endpoint: 'dma' });
  },

  then(seen) {
    const requirement = seen.has('iommu', 'VIRTIO_F_RING_PACKED')
      ? 'packed/prose/in-order-batch'
      : 'split/prose/in-order-batch';
    const batches = seen.calls().filter(({ verb, asked, answer }) => {
      return verb !== 'stop' && hasBatch(seen.events.slice(asked.seq, answer.seq));
    });
    for (const { verb, ok, asked, answer } of batches) {
      const sent = seen.requests.filter(({ seq }) => seq > asked.seq && seq < answer.seq);
      if (!sent.every((request) => seen.answerTo(request)?.status === 0)) continue;
      seen.check(
        requirement,
        ok,
        answer,
        `'${verb}' fails (${answer.reason ?? 'no reason given'}) although all ${sent.length} requests were returned in order.`,
      );
    }
    if (batches.length === 0 && seen.has('iommu', 'VIRTIO_F_IN_ORDER')) {
      seen.untested('The driver sends one request at a time, and waits for its answer.');
    }
  },

  mustCatch: {
    'in-order-batch-ignored': ['split/prose/in-order-batch', 'packed/prose/in-order-batch'],
    'accepts-in-order': 'split/prose/in-order-descriptors',
  },
});

/** Whether the device has returned several requests between two notifications. */
function hasBatch(events: Seen['events']): boolean {
  let returned = 0;
  return events.some((event) => {
    if (event.kind === 'notification') returned = 0;
    return event.kind === 'completion' && ++returned > 1;
  });
}
